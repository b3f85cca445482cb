using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>Where messages leave. Safe for every thread; messages of one thread keep their order.</summary>
public interface IOutgoing
{
    void Send(JupyterChannel channel, List<byte[]> frames);

    /// <summary>Completes when what was sent is few enough that a loud cell may go on.</summary>
    ValueTask DrainAsync(CancellationToken cancellationToken);
}

/// <summary>Remembers beside the process which cell runs, for the kernel that comes after one that died.</summary>
public interface ISessionRecord
{
    /// <summary>How the session before this one ended, if it ended badly; told once.</summary>
    string? TakeNotice();

    void CellBegins(int number);

    void CellEnds();
}
