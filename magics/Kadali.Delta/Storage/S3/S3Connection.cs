using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Xml.Linq;

namespace Kadali.Delta;

/// <summary>
/// Signed requests to a store, made again where it is busy or silent, and its answers; failures name the object and nothing secret.
/// </summary>
internal sealed class S3Connection(S3Settings settings)
{
    private const int MostAttempts = 6;

    // One for the process: connections are shared, and none of them is tied to a table.
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(10), AllowAutoRedirect = false,
    })
    {
        Timeout = TimeSpan.FromMinutes(10),
    };

    // The signature is over the path as it is encoded here.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    /// <summary>What tells the store of a bucket from others.</summary>
    public string StoreOf(string bucket) => $"{settings.Endpoint?.Authority}/{bucket}";

    /// <returns>An answer that is one: success, or that there is no such object, range, or chance to write it; and how often the store was
    /// asked.</returns>
    /// <param name="doing">What cannot be done if the store fails: <c>read</c>, <c>written</c>.</param>
    /// <param name="isNew">Whether the object must not be there.</param>
    public (HttpResponseMessage Message, int Attempts) Send(
        HttpMethod method, S3Location location, Dictionary<string, string> query, byte[] body, string doing,
        CancellationToken cancellationToken,
        bool isNew = false, (long First, long Last)? range = null)
    {
        var hash = body.Length == 0 ? EmptyHash : SignatureV4.Hash(body);
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string failure;
            Exception? inner = null;
            try
            {
                using var request = Request(method, location, query, body, hash, isNew, range);
                var message = Http.Send(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                var status = (int)message.StatusCode;
                var isAnswer = status is >= 200 and < 300 or 416 || (isNew && status == 412)
                    || (status == 404 && (method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Delete)
                        && location.Key.Length > 0);
                if (isAnswer)
                {
                    return (message, attempt);
                }

                using (message)
                {
                    failure = $"the store answers {status} {Code(message, cancellationToken)}".TrimEnd();

                    // 409: another conditional write of the same key is under way.
                    if (status is not (409 or 429 or >= 500) || status == 501 || attempt == MostAttempts)
                    {
                        throw status == 501 && isNew
                            ? new DeltaException(
                                DeltaErrorKind.Unsupported, $"'{location}' cannot be written safely: {failure} to 'If-None-Match: *'.")
                            : Failed(doing, location, failure);
                    }
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                (failure, inner) = ($"no answer from {Address(location).Authority} ({exception.Message})", exception);
                if (attempt == MostAttempts)
                {
                    throw Failed(doing, location, failure, inner);
                }
            }

            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * Math.Min(5000, 50 << attempt)));
        }
    }

    private HttpRequestMessage Request(
        HttpMethod method, S3Location location, Dictionary<string, string> query, byte[] body, string hash, bool isNew,
        (long First, long Last)? range)
    {
        var address = Address(location);
        var path = address.AbsolutePath;
        var headers = new Dictionary<string, string> { ["host"] = address.Authority };
        if (isNew)
        {
            headers["if-none-match"] = "*";
        }

        var signed = SignatureV4.Sign(
            settings.Credentials, settings.Region, DateTimeOffset.UtcNow, method.Method, path, query, headers, hash);
        var target = address.OriginalString + (query.Count == 0 ? "" : "?" + SignatureV4.Query(query));
        var request = new HttpRequestMessage(method, new Uri(target, AsWritten));
        foreach (var (name, value) in signed.Where(header => header.Key != "host"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (range is { } part)
        {
            request.Headers.Range = new RangeHeaderValue(part.First, part.Last);
        }

        if (method == HttpMethod.Put || method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent(body);
        }

        return request;
    }

    private Uri Address(S3Location location)
    {
        // Amazon's buckets have hosts of their own; a dot in the name would break their certificate.
        var isHost = settings.Endpoint is null && !location.Bucket.Contains('.', StringComparison.Ordinal);
        var root = settings.Endpoint?.GetLeftPart(UriPartial.Authority)
            ?? $"https://{(isHost ? location.Bucket + "." : "")}s3.{settings.Region}.amazonaws.com";
        var path = string.Join('/', location.Key.Split('/').Select(Uri.EscapeDataString));
        return new(
            $"{root}{settings.Endpoint?.AbsolutePath.TrimEnd('/')}/{(isHost ? "" : location.Bucket + (path.Length > 0 ? "/" : ""))}{path}",
            AsWritten);
    }

    public static byte[] ReadAll(HttpResponseMessage message, S3Location location, CancellationToken cancellationToken)
    {
        try
        {
            using var content = message.Content.ReadAsStream(cancellationToken);
            var length = message.Content.Headers.ContentLength;
            using var all = new MemoryStream((int)(length ?? 0));
            content.CopyTo(all);
            return length is null || all.Length == length ? all.ToArray() : throw new HttpIOException(HttpRequestError.ResponseEnded);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Failed("read", location, exception.Message, exception);
        }
    }

    public static XElement Xml(HttpResponseMessage message, S3Location location, CancellationToken cancellationToken)
    {
        using (message)
        {
            try
            {
                using var content = message.Content.ReadAsStream(cancellationToken);
                return XElement.Load(content);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or System.Xml.XmlException)
            {
                throw Failed("read", location, $"the store's answer cannot be read ({exception.Message})", exception);
            }
        }
    }

    /// <summary>The name of an error, as S3 puts it in the body.</summary>
    private static string Code(HttpResponseMessage message, CancellationToken cancellationToken)
    {
        try
        {
            using var content = message.Content.ReadAsStream(cancellationToken);
            return XElement.Load(content).Elements().FirstOrDefault(part => part.Name.LocalName == "Code")?.Value ?? "";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or System.Xml.XmlException)
        {
            return message.ReasonPhrase ?? "";
        }
    }

    public static DeltaException Failed(string doing, S3Location location, string why, Exception? inner = null) => new(
        DeltaErrorKind.Storage, $"'{location}' cannot be {doing}: {why}.", inner: inner);
}

/// <param name="Bucket">Where the object is.</param>
/// <param name="Key">Its name there, without a slash in front.</param>
internal readonly record struct S3Location(string Bucket, string Key)
{
    /// <summary>What <c>s3://bucket/key</c> names.</summary>
    public static S3Location Parse(string location)
    {
        var rest = location[(location.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        return bucket.Length > 0
            ? new(bucket, slash < 0 ? "" : rest[(slash + 1)..])
            : throw new DeltaException(DeltaErrorKind.Argument, $"'{location}' names no bucket.", "Write 's3://bucket/path'.");
    }

    public override string ToString() => $"s3://{Bucket}/{Key}";
}
