namespace Kadali.Protocol;

public sealed record ShutdownRequest(bool Restart = false);

public sealed record ShutdownReply(bool Restart, string Status = "ok");

/// <summary>A question to the front end that sent the running cell, on stdin.</summary>
public sealed record InputRequest(string Prompt, bool Password);

public sealed record InputReply(string? Value = null, string? Status = null);
