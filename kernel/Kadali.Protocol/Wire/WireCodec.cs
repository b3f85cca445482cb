using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kadali.Protocol;

/// <summary>
/// Frames to messages and back. The signature is checked before a byte of JSON is looked at. A codec belongs to one sender (one session
/// id); it may be used by several threads.
/// </summary>
public sealed class WireCodec(MessageSigner signer, string session, string username = "kernel")
{
    /// <summary>The protocol version that this assembly speaks.</summary>
    public const string ProtocolVersion = "5.4";

    private static readonly byte[] Delimiter = "<IDS|MSG>"u8.ToArray();

    /// <summary>The session id that messages of this codec carry.</summary>
    public string Session => session;

    /// <summary>Reads the frames of one message.</summary>
    /// <exception cref="WireException">The frames are no message, or its signature is wrong; the message says which.</exception>
    public WireMessage Read(IReadOnlyList<byte[]> frames)
    {
        var delimiter = 0;
        while (delimiter < frames.Count && !frames[delimiter].AsSpan().SequenceEqual(Delimiter))
        {
            delimiter++;
        }

        if (frames.Count - delimiter < 6)
        {
            throw new WireException(delimiter == frames.Count ? "no delimiter" : "fewer than five frames after the delimiter");
        }

        byte[] header = frames[delimiter + 2], parent = frames[delimiter + 3],
            metadata = frames[delimiter + 4], content = frames[delimiter + 5];
        if (!signer.Verify(frames[delimiter + 1], header, parent, metadata, content))
        {
            throw new WireException("wrong signature");
        }

        return new(
            [.. frames.Take(delimiter)],
            ReadHeader(header),
            header,
            RequireObject(parent, "parent header"),
            RequireObject(metadata, "metadata"),
            RequireObject(content, "content"),
            [.. frames.Skip(delimiter + 6)]);
    }

    /// <summary>The frames of a message that answers, or belongs to, <paramref name="parent"/>.</summary>
    public List<byte[]> Write<T>(
        IReadOnlyList<byte[]> identities, string type, T content, JsonTypeInfo<T> contentType, ReadOnlyMemory<byte> parent,
        ReadOnlyMemory<byte> metadata = default, IReadOnlyList<byte[]>? buffers = null) =>
        Write(identities, type, JsonSerializer.SerializeToUtf8Bytes(content, contentType), parent, metadata, buffers);

    /// <inheritdoc cref="Write{T}"/>
    public List<byte[]> Write(
        IReadOnlyList<byte[]> identities, string type, byte[] content, ReadOnlyMemory<byte> parent,
        ReadOnlyMemory<byte> metadata = default, IReadOnlyList<byte[]>? buffers = null, string? id = null)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(
            new(id ?? Guid.NewGuid().ToString("N"), type, session, username, DateTime.UtcNow.ToString("O"), ProtocolVersion),
            WireJson.Default.Header);
        var parentJson = (parent.IsEmpty ? WireMessage.EmptyObject : parent).ToArray();
        var metadataJson = (metadata.IsEmpty ? WireMessage.EmptyObject : metadata).ToArray();
        return
        [
            .. identities, Delimiter, signer.Sign(header, parentJson, metadataJson, content),
            header, parentJson, metadataJson, content, .. buffers ?? []
        ];
    }

    private static Header ReadHeader(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, WireJson.Default.Header) ?? throw new WireException("the header is null");
        }
        catch (JsonException exception)
        {
            throw new WireException($"the header cannot be read: {exception.Message}", exception);
        }
    }

    private static byte[] RequireObject(byte[] json, string what)
    {
        try
        {
            // Replaces nothing: Jupyter's JSON is UTF-8, and text that is not must be refused here, before it reaches a cell.
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new WireException($"the {what} is no JSON object");
            }

            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(json);
            return reader.TrySkip() && !reader.Read() ? json : throw new WireException($"the {what} does not end");
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException)
        {
            throw new WireException($"the {what} cannot be read: {exception.Message}", exception);
        }
    }
}

/// <summary>Frames that are no message. They are dropped with a line in the log: there is nobody to answer.</summary>
public sealed class WireException(string reason, Exception? innerException = null) : Exception(reason, innerException);
