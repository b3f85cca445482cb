using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Kadali.Delta;

/// <summary>Keys of an S3 account. Prints nothing of them.</summary>
internal sealed class S3Credentials(string accessKey, string secretKey, string? sessionToken)
{
    public string AccessKey { get; } = accessKey;

    public string SecretKey { get; } = secretKey;

    public string? SessionToken { get; } = sessionToken;

    public override string ToString() => "***";
}

/// <summary>Signs requests to S3 (AWS Signature Version 4). Nothing of it depends on HTTP's types.</summary>
internal static class SignatureV4
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Service = "s3";

    /// <summary>The headers that make a request an authorised one, with those that were signed already.</summary>
    /// <param name="path">Encoded, from the first slash on.</param>
    /// <param name="query">Names and values, not encoded.</param>
    /// <param name="headers">Names in lower case; with <c>host</c>.</param>
    /// <param name="contentHash">SHA-256 of the body in hexadecimal digits.</param>
    public static IReadOnlyDictionary<string, string> Sign(
        S3Credentials credentials, string region, DateTimeOffset time, string method, string path,
        IEnumerable<KeyValuePair<string, string>> query, IReadOnlyDictionary<string, string> headers, string contentHash)
    {
        var stamp = time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var day = stamp[..8];
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["x-amz-content-sha256"] = contentHash, ["x-amz-date"] = stamp,
        };
        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        if (credentials.SessionToken is { } token)
        {
            all["x-amz-security-token"] = token;
        }

        var names = string.Join(';', all.Keys);
        var canonical = string.Join(
            '\n', method, path, Query(query), string.Concat(all.Select(header => $"{header.Key}:{header.Value.Trim()}\n")), names,
            contentHash);
        var scope = $"{day}/{region}/{Service}/aws4_request";
        var text = string.Join('\n', Algorithm, stamp, scope, Hash(Encoding.UTF8.GetBytes(canonical)));
        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey);
        foreach (var part in new[] { day, region, Service, "aws4_request" })
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        all["authorization"] = $"{Algorithm} Credential={credentials.AccessKey}/{scope}, SignedHeaders={names}, Signature={signature}";
        return all;
    }

    /// <summary>The query as it stands in the request: sorted and encoded.</summary>
    public static string Query(IEnumerable<KeyValuePair<string, string>> query) => string.Join(
        '&', query.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}").Order(StringComparer.Ordinal));

    public static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
