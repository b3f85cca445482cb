namespace Kadali.Kernel.Jupyter;

/// <summary>The sockets on which a kernel speaks.</summary>
public enum JupyterChannel
{
    Shell,
    Control,
    Stdin,
    Iopub,
}

/// <summary>Where messages leave. Safe for every thread; messages of one thread keep their order.</summary>
public interface IOutgoing
{
    void Send(JupyterChannel channel, List<byte[]> frames);

    /// <summary>Completes when what was sent is few enough that a loud cell may go on.</summary>
    ValueTask DrainAsync(CancellationToken cancellationToken);
}
