using System.Text.Json;

namespace Kadali.Protocol;

/// <summary>The header of a message.</summary>
/// <param name="MsgId">Unique for the message.</param>
/// <param name="MsgType">For instance <c>execute_request</c>.</param>
/// <param name="Session">The sender's session.</param>
/// <param name="Username">The sender's user.</param>
/// <param name="Date">ISO 8601.</param>
/// <param name="Version">The protocol version that the sender speaks.</param>
/// <param name="SubshellId">The subshell that a shell request names, or null for the main shell.</param>
public sealed record Header(
    string MsgId, string MsgType, string? Session = null, string? Username = null, string? Date = null,
    string? Version = null, string? SubshellId = null);

/// <summary>
/// One message off or for the wire. JSON frames stay bytes until somebody needs them, so that a parent header is echoed as it came.
/// </summary>
/// <param name="Identities">Routing frames before the delimiter; on iopub the topic.</param>
/// <param name="Header">The parsed header.</param>
/// <param name="HeaderJson">The header's bytes.</param>
/// <param name="ParentHeader">JSON object, <c>{}</c> where there is none.</param>
/// <param name="Metadata">JSON object.</param>
/// <param name="Content">JSON object.</param>
/// <param name="Buffers">Raw frames after the content; they are not signed.</param>
public sealed record WireMessage(
    IReadOnlyList<byte[]> Identities,
    Header Header,
    ReadOnlyMemory<byte> HeaderJson,
    ReadOnlyMemory<byte> ParentHeader,
    ReadOnlyMemory<byte> Metadata,
    ReadOnlyMemory<byte> Content,
    IReadOnlyList<byte[]> Buffers)
{
    /// <summary>The bytes of an empty JSON object.</summary>
    public static ReadOnlyMemory<byte> EmptyObject { get; } = "{}"u8.ToArray();

    /// <summary>The parsed parent header, or null where there is none.</summary>
    public Header? Parent()
    {
        var parent = JsonSerializer.Deserialize(ParentHeader.Span, WireJson.Default.ParentHeader);
        return parent?.MsgId is null ? null : new(parent.MsgId, parent.MsgType ?? "");
    }
}

/// <summary>Of a parent header only what matching needs: everything may be missing.</summary>
public sealed record ParentHeader(string? MsgId = null, string? MsgType = null);
