using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Kadali.Protocol;

/// <summary>Asks the kernel to run a cell.</summary>
public sealed record ExecuteRequest(
    string Code, bool Silent = false, bool StoreHistory = true, JsonObject? UserExpressions = null,
    bool AllowStdin = false, bool StopOnError = true);

/// <summary>How a cell ended.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "status")]
[JsonDerivedType(typeof(Ok), "ok"), JsonDerivedType(typeof(Failed), "error"), JsonDerivedType(typeof(Aborted), "aborted")]
public abstract record ExecuteReply(int ExecutionCount)
{
    public sealed record Ok(int ExecutionCount, JsonObject UserExpressions, JsonArray Payload) : ExecuteReply(ExecutionCount);

    public sealed record Failed(int ExecutionCount, string Ename, string Evalue, IReadOnlyList<string> Traceback)
        : ExecuteReply(ExecutionCount);

    public sealed record Aborted(int ExecutionCount) : ExecuteReply(ExecutionCount);
}

/// <summary>Tells every front end what is being run.</summary>
public sealed record ExecuteInput(string Code, int ExecutionCount);

/// <summary>An error, on iopub.</summary>
public sealed record ErrorContent(string Ename, string Evalue, IReadOnlyList<string> Traceback);

/// <summary>An answer that says no: any <c>*_reply</c> may have this form.</summary>
public sealed record ErrorReply(string Ename, string Evalue, IReadOnlyList<string> Traceback, string Status = "error");

/// <summary>An answer that has nothing to say but yes.</summary>
public sealed record OkReply(string Status = "ok");
