using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>A way to a kernel: sockets to a process of ours, or a server that has it.</summary>
internal interface IKernelConnection : IDisposable
{
    /// <summary>Takes each message that comes. May block to slow down a kernel that says more than its reader can take.</summary>
    Action<JupyterChannel, WireMessage> Received { set; }

    /// <summary>Completes when the kernel is gone, with what is known about why.</summary>
    Task<string> Gone { get; }

    /// <summary>Sends a message; its answers name <paramref name="id"/> as their parent.</summary>
    void Send(JupyterChannel channel, string id, string type, byte[] content, IReadOnlyList<byte[]>? buffers = null,
        ReadOnlyMemory<byte> parent = default);

    /// <summary>Ends what the kernel runs.</summary>
    void Interrupt();

    /// <summary>What the kernel wrote to its own stderr last, or null: told when it died.</summary>
    string? LastWords { get; }
}
