using System.Text.Json.Nodes;

namespace Kadali.Protocol;

public sealed record CommInfoRequest(string? TargetName = null);

public sealed record CommInfoReply(IReadOnlyDictionary<string, CommTarget> Comms, string Status = "ok");

public sealed record CommTarget(string TargetName);

public sealed record CommOpen(string CommId, string TargetName, JsonNode? Data = null);

public sealed record CommMessage(string CommId, JsonNode? Data = null);

public sealed record CommClose(string CommId, JsonNode? Data = null);
