using System.Reflection;
using System.Text.Json.Nodes;

namespace Kadali.Cells;

/// <summary>
/// The C# variables of the session as other languages see them. Members may be called from any thread; those that change something wait for
/// their turn between cells' statements, so call them only while a cell of one's own runs.
/// </summary>
public interface IVariables
{
    /// <summary>All variables that a C# cell could name now, in the order of their declaration.</summary>
    IReadOnlyList<VariableInfo> List();

    /// <summary>The value of a variable; false where there is none of that name.</summary>
    bool TryGet(string name, out VariableInfo variable, out object? value);

    /// <summary>
    /// Declares (or redeclares) a C# variable of the static type <paramref name="type"/>, which must be public or from this session.
    /// </summary>
    Task SetAsync(string name, object? value, Type type, CancellationToken cancellationToken);

    /// <summary>
    /// Compiles C# type declarations (with usings) into the session: later cells can name them. Returns the assembly they are in.
    /// Types of the same name declared before are replaced for later cells.
    /// </summary>
    Task<Assembly> DeclareTypesAsync(string source, CancellationToken cancellationToken);

    /// <summary>
    /// Runs what calls code of cells (iterators, getters) on a thread of its own, where cancelling ends that code as an interrupt ends a C#
    /// cell: in loops, and in what sleeps or waits.
    /// </summary>
    /// <exception cref="CellFailedException">
    /// It was cancelled, and what the cells' code called does not stop; it is left behind.
    /// </exception>
    Task RunAsync(Action code, CancellationToken cancellationToken);
}

/// <summary>A variable and its static type.</summary>
public sealed record VariableInfo(string Name, Type Type);

/// <summary>Questions to the reader. Throws <see cref="CellFaultException"/> where the front end cannot ask.</summary>
public interface IInput
{
    Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken);
}

/// <summary>Channels to what the front end shows (Jupyter's comms).</summary>
public interface IComms
{
    /// <summary>
    /// Serves channels that the front end opens to <paramref name="target"/>. Messages of one channel are handled one after the other,
    /// beside a running cell, and never on its thread.
    /// </summary>
    void Serve(string target, Func<IComm, JsonNode?, CancellationToken, Task> opened);
}

/// <summary>One channel.</summary>
public interface IComm
{
    string Id { get; }

    /// <summary>What the front end sends: data, and buffers that may be empty.</summary>
    Func<JsonNode?, IReadOnlyList<byte[]>, CancellationToken, Task>? Received { get; set; }

    /// <summary>Called once when the front end closes the channel.</summary>
    Action? Closed { get; set; }

    void Send(JsonNode? data, params IReadOnlyList<byte[]> buffers);

    void Close(JsonNode? data);
}

/// <summary>Magics that appear while the session runs, such as <c>#!sql-shop</c> after a <c>#!connect</c>.</summary>
public interface IMagicRegistry
{
    /// <summary>All magics, in the order in which help lists them.</summary>
    IReadOnlyList<IMagic> All { get; }

    /// <summary>Adds a magic; one of the same name is replaced.</summary>
    void Add(IMagic magic);
}

/// <summary>
/// A kind of <c>#!connect KIND --kernel-name NAME …</c>. Its syntax is shown as a subcommand of <c>#!connect</c>; <c>kernel-name</c> is
/// added by the kernel to its options.
/// </summary>
public interface IConnector
{
    MagicSyntax Syntax { get; }

    /// <summary>Opens the connection and gives the magic that runs cells on it, already named as the reader shall call it.</summary>
    Task<IMagic> ConnectAsync(string kernelName, MagicArguments arguments, CancellationToken cancellationToken);

    /// <summary>Whether a connection may take the name of <paramref name="magic"/>: of one that this connector made.</summary>
    bool MayReplace(IMagic magic);
}
