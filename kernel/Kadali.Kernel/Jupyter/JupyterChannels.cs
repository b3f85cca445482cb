using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>Where messages leave. Safe for every thread; messages of one thread keep their order.</summary>
public interface IOutgoing
{
    void Send(JupyterChannel channel, List<byte[]> frames);

    /// <summary>Completes when what was sent is few enough that a loud cell may go on.</summary>
    ValueTask DrainAsync(CancellationToken cancellationToken);
}
