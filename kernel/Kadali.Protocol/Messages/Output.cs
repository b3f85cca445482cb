using System.Text.Json.Nodes;

namespace Kadali.Protocol;

/// <summary>Text of a standard stream; the name is <c>stdout</c> or <c>stderr</c>.</summary>
public sealed record StreamContent(string Name, string Text);

/// <summary>Something shown; with a display id in transient, it can be updated.</summary>
public sealed record DisplayData(JsonObject Data, JsonObject Metadata, Transient Transient);

/// <summary>The value of a cell.</summary>
public sealed record ExecuteResult(int ExecutionCount, JsonObject Data, JsonObject Metadata, Transient Transient);

public sealed record Transient(string? DisplayId = null);

public sealed record ClearOutput(bool Wait);

/// <summary><c>busy</c>, <c>idle</c> or <c>starting</c>.</summary>
public sealed record StatusContent(string ExecutionState);

/// <summary>The first message that a new subscriber of iopub gets (JEP 65).</summary>
public sealed record IopubWelcome(string Subscription);
