using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Xml.Linq;

namespace Kadali.Delta;

/// <summary>
/// What a table asks of S3, over HTTP. A client of our own rather than a package: it is seven requests and a signature, and a conditional
/// put has to know whether its answer came at the first attempt.
/// </summary>
internal sealed class S3Client(S3Settings settings)
{
    private readonly S3Connection _connection = new(settings);

    private static readonly ConcurrentDictionary<string, bool> Atomic = new(StringComparer.Ordinal);

    /// <param name="Length">Bytes.</param>
    /// <param name="Tag">Differs where the content does.</param>
    public readonly record struct Stored(long Length, string Tag, DateTimeOffset Modified);

    /// <summary>The content of an object or of a part of it; null where there is none.</summary>
    public byte[]? Get(S3Location location, (long First, long Last)? range, CancellationToken cancellationToken)
    {
        var answer = _connection.Send(HttpMethod.Get, location, [], [], "read", cancellationToken, range: range);
        using (answer.Message)
        {
            return answer.Message.StatusCode switch
            {
                HttpStatusCode.NotFound => null,
                HttpStatusCode.RequestedRangeNotSatisfiable => [],
                _ => S3Connection.ReadAll(answer.Message, location, cancellationToken),
            };
        }
    }

    /// <summary>Writes an object to a file.</summary>
    public bool Download(S3Location location, string file, CancellationToken cancellationToken)
    {
        using var message = _connection.Send(HttpMethod.Get, location, [], [], "read", cancellationToken).Message;
        if (message.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        try
        {
            using var content = message.Content.ReadAsStream(cancellationToken);
            using var target = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
            content.CopyTo(target);
            if (message.Content.Headers.ContentLength is { } length && target.Length != length)
            {
                throw new HttpIOException(HttpRequestError.ResponseEnded);
            }

            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw S3Connection.Failed("read", location, exception.Message, exception);
        }
    }

    public Stored? Head(S3Location location, CancellationToken cancellationToken)
    {
        using var message = _connection.Send(HttpMethod.Head, location, [], [], "read", cancellationToken).Message;
        return message.StatusCode == HttpStatusCode.NotFound
            ? null
            : new(
                message.Content.Headers.ContentLength ?? 0, message.Headers.ETag?.Tag.Trim('"') ?? "",
                message.Content.Headers.LastModified ?? DateTimeOffset.UtcNow);
    }

    public void Put(S3Location location, ReadOnlySpan<byte> content, CancellationToken cancellationToken) =>
        _connection.Send(HttpMethod.Put, location, [], content.ToArray(), "written", cancellationToken).Message.Dispose();

    /// <summary>Writes an object unless there is one; of many who try, one gets true.</summary>
    /// <exception cref="DeltaException">The store does not know that kind of write, or fails.</exception>
    public bool TryPutNew(S3Location location, ReadOnlySpan<byte> content, CancellationToken cancellationToken)
    {
        RequireAtomic(location, cancellationToken);
        return TryPut(location, content.ToArray(), cancellationToken);
    }

    public void Delete(S3Location location, CancellationToken cancellationToken) =>
        _connection.Send(HttpMethod.Delete, location, [], [], "removed", cancellationToken).Message.Dispose();

    /// <summary>The objects whose keys begin with a prefix and come after a key, in the order of their keys.</summary>
    /// <param name="flat">Whether keys with a further slash are left out.</param>
    public IEnumerable<StoredFile> List(string bucket, string prefix, string after, bool flat, CancellationToken cancellationToken) =>
        Pages(bucket, prefix, after, flat, null, cancellationToken).SelectMany(page => page.Elements(page.Name.Namespace + "Contents"))
            .Select(item => new StoredFile(
                item.Element(item.Name.Namespace + "Key")!.Value, (long)item.Element(item.Name.Namespace + "Size")!,
                ((DateTimeOffset)item.Element(item.Name.Namespace + "LastModified")!).ToUnixTimeMilliseconds()));

    /// <summary>What keys that begin with a prefix go on with up to the next slash, prefix and slash included.</summary>
    public IEnumerable<string> ListFolders(string bucket, string prefix, CancellationToken cancellationToken) =>
        Pages(bucket, prefix, "", flat: true, null, cancellationToken)
            .SelectMany(page => page.Elements(page.Name.Namespace + "CommonPrefixes"))
            .Select(item => item.Element(item.Name.Namespace + "Prefix")!.Value);

    /// <summary>Whether there is an object whose key begins so. Cheap: one probe.</summary>
    public bool Any(S3Location prefix, CancellationToken cancellationToken) =>
        Pages(prefix.Bucket, prefix.Key, "", flat: false, 1, cancellationToken).First() is var page
            && page.Elements(page.Name.Namespace + "Contents").Any();

    /// <param name="most">How many a page has at most; null for as many as the store likes.</param>
    private IEnumerable<XElement> Pages(
        string bucket, string prefix, string after, bool flat, int? most, CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var query = new Dictionary<string, string> { ["list-type"] = "2", ["prefix"] = prefix };
            if (flat)
            {
                query["delimiter"] = "/";
            }

            if (most is { } count)
            {
                query["max-keys"] = count.ToString(CultureInfo.InvariantCulture);
            }

            if (next is not null)
            {
                query["continuation-token"] = next;
            }
            else if (after.Length > 0)
            {
                query["start-after"] = after;
            }

            var page = S3Connection.Xml(
                _connection.Send(HttpMethod.Get, new(bucket, ""), query, [], "listed", cancellationToken).Message, new(bucket, prefix),
                cancellationToken);
            yield return page;
            next = (bool?)page.Element(page.Name.Namespace + "IsTruncated") == true
                ? page.Element(page.Name.Namespace + "NextContinuationToken")?.Value : null;
        }
        while (next is not null);
    }

    /// <summary>Writes a file as an object, in parts where it is large; it is there when all of it is.</summary>
    public void Upload(S3Location location, string file, CancellationToken cancellationToken)
    {
        const int Part = 32 << 20;
        using var handle = File.OpenHandle(file);
        var length = RandomAccess.GetLength(handle);
        if (length <= 2 * Part)
        {
            Put(location, ReadPart(0, (int)length), cancellationToken);
            return;
        }

        var started = S3Connection.Xml(
            _connection.Send(HttpMethod.Post, location, Query("uploads", ""), [], "written", cancellationToken).Message, location,
            cancellationToken);
        var id = started.Element(started.Name.Namespace + "UploadId")!.Value;
        try
        {
            var tags = new string[(length + Part - 1) / Part];
            Parallel.For(0, tags.Length, new() { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, i =>
            {
                var content = ReadPart((long)i * Part, (int)Math.Min(Part, length - (long)i * Part));
                var query = Query("partNumber", $"{i + 1}", "uploadId", id);
                using var message = _connection.Send(HttpMethod.Put, location, query, content, "written", cancellationToken).Message;
                tags[i] = message.Headers.ETag?.Tag ?? "";
            });
            var list = new XElement(
                "CompleteMultipartUpload",
                tags.Select((tag, i) => new XElement("Part", new XElement("PartNumber", i + 1), new XElement("ETag", tag))));
            var body = System.Text.Encoding.UTF8.GetBytes(list.ToString(SaveOptions.DisableFormatting));
            var done = S3Connection.Xml(
                _connection.Send(HttpMethod.Post, location, Query("uploadId", id), body, "written", cancellationToken).Message, location,
                cancellationToken);

            // S3 answers 200 before it has put the parts together, and may yet fail.
            if (done.Name.LocalName == "Error")
            {
                var code = done.Elements().FirstOrDefault(part => part.Name.LocalName == "Code")?.Value;
                throw S3Connection.Failed("written", location, $"the store answers {code}");
            }
        }
        catch (Exception exception)
        {
            Abort(location, id);
            throw exception is AggregateException { InnerException: DeltaException inner } ? inner : exception;
        }

        byte[] ReadPart(long offset, int count)
        {
            var content = new byte[count];
            for (var read = 0; read < count;)
            {
                read += RandomAccess.Read(handle, content.AsSpan(read), offset + read);
            }

            return content;
        }
    }

    private bool TryPut(S3Location location, byte[] content, CancellationToken cancellationToken)
    {
        var answer = _connection.Send(HttpMethod.Put, location, [], content, "written", cancellationToken, isNew: true);
        answer.Message.Dispose();
        return answer.Message.StatusCode != HttpStatusCode.PreconditionFailed

            // What an attempt that got no answer has written is ours.
            || (answer.Attempts > 1 && Get(location, null, cancellationToken) is { } there && there.AsSpan().SequenceEqual(content));
    }

    /// <summary>
    /// Some stores take the condition and pay no heed to it: each is tried once, or two writers would one day both have won.
    /// </summary>
    private void RequireAtomic(S3Location location, CancellationToken cancellationToken)
    {
        var store = _connection.StoreOf(location.Bucket);
        var isAtomic = Atomic.TryGetValue(store, out var known) ? known : Probe();
        Atomic[store] = isAtomic;
        if (!isAtomic)
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported,
                $"'{location}' cannot be written safely: the store overwrites objects that it was asked not to ('If-None-Match: *').",
                "Two writers could both believe that they wrote a version. Tables there can only be read.");
        }

        bool Probe()
        {
            var slash = location.Key.LastIndexOf('/') + 1;
            var probe = location with { Key = $"{location.Key[..slash]}.kadali-probe-{Guid.NewGuid():N}.tmp" };
            try
            {
                return TryPut(probe, "1"u8.ToArray(), cancellationToken) && !TryPut(probe, "2"u8.ToArray(), cancellationToken);
            }
            finally
            {
                Delete(probe, CancellationToken.None);
            }
        }
    }

    private void Abort(S3Location location, string id)
    {
        try
        {
            _connection.Send(HttpMethod.Delete, location, Query("uploadId", id), [], "removed", CancellationToken.None).Message.Dispose();
        }
        catch (DeltaException)
        {
            // The failure on its way says more; stores remove unfinished uploads by their own rules.
        }
    }

    private static Dictionary<string, string> Query(params ReadOnlySpan<string> pairs)
    {
        var query = new Dictionary<string, string>();
        for (var i = 0; i < pairs.Length; i += 2)
        {
            query[pairs[i]] = pairs[i + 1];
        }

        return query;
    }
}
