using System.Text.Json.Nodes;

namespace Kadali.Protocol;

/// <summary>Cursor positions count Unicode code points, not UTF-16 units.</summary>
public sealed record CompleteRequest(string Code, int CursorPos);

public sealed record CompleteReply(
    IReadOnlyList<string> Matches, int CursorStart, int CursorEnd, JsonObject Metadata, string Status = "ok");

public sealed record InspectRequest(string Code, int CursorPos, int DetailLevel = 0);

public sealed record InspectReply(bool Found, JsonObject Data, JsonObject Metadata, string Status = "ok");

public sealed record IsCompleteRequest(string Code);

/// <summary>
/// The status is <c>complete</c>, <c>incomplete</c>, <c>invalid</c> or <c>unknown</c>; the indent belongs to incomplete code.
/// </summary>
public sealed record IsCompleteReply(string Status, string? Indent = null);

/// <summary>The access type is <c>range</c>, <c>tail</c> or <c>search</c>.</summary>
public sealed record HistoryRequest(
    string HistAccessType, bool Output = false, bool Raw = true, int Session = 0, int Start = 0, int? Stop = null, int? N = null,
    string? Pattern = null, bool Unique = false);

/// <summary>Each entry is [session, line, input], or [session, line, [input, output]] where output was asked for.</summary>
public sealed record HistoryReply(JsonArray History, string Status = "ok");
