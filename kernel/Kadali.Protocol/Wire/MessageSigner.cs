using System.Security.Cryptography;
using System.Text;

namespace Kadali.Protocol;

/// <summary>
/// Signs and checks the four JSON frames of a message with HMAC-SHA256, as lower-case hexadecimal text (Jupyter messaging, "The wire
/// protocol"). An empty key turns signing off, as the protocol asks: the signature is then the empty string. Safe for use by several
/// threads.
/// </summary>
public sealed class MessageSigner(byte[] key)
{
    private const int DigestLength = 32;

    /// <summary>A signer for the <c>key</c> and <c>signature_scheme</c> of a connection file.</summary>
    /// <exception cref="NotSupportedException">The scheme is another one than <c>hmac-sha256</c>.</exception>
    public static MessageSigner For(string key, string? scheme) =>
        key.Length == 0 || scheme is null or "hmac-sha256"
            ? new(Encoding.UTF8.GetBytes(key))
            : throw new NotSupportedException($"The signature scheme '{scheme}' is not known; Jupyter uses hmac-sha256.");

    /// <summary>The signature frame for the frames, in their order: header, parent header, metadata, content.</summary>
    public byte[] Sign(params ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        if (key.Length == 0)
        {
            return [];
        }

        Span<byte> digest = stackalloc byte[DigestLength];
        Digest(digest, frames);
        var text = new byte[2 * DigestLength];
        Convert.TryToHexStringLower(digest, text, out _);
        return text;
    }

    /// <summary>Whether <paramref name="signature"/> is that of the frames; compared in fixed time.</summary>
    public bool Verify(ReadOnlySpan<byte> signature, params ReadOnlySpan<ReadOnlyMemory<byte>> frames) =>
        key.Length == 0 || CryptographicOperations.FixedTimeEquals(Sign(frames), signature);

    private void Digest(Span<byte> digest, ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach (var frame in frames)
        {
            hmac.AppendData(frame.Span);
        }

        hmac.GetHashAndReset(digest);
    }
}
