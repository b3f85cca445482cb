using System.Text.Json;
using Kadali.Cells;
using Kadali.Formatting;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>One attached kernel through its lives: started when first needed, started anew after it died or when asked to.</summary>
internal sealed class KernelHandle(string name, Func<IKernelConnection> open, string? initScript) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile JupyterClient? _client;
    private PythonValues? _values;
    private bool _lived;
    private bool _disposed;

    public string Name => name;

    /// <summary>The kernel, where it runs and answers.</summary>
    public JupyterClient? Running => _client is { IsAlive: true } client ? client : null;

    /// <summary>The running kernel; started where it does not run.</summary>
    /// <returns>The kernel, and whether it took the place of one whose variables are lost.</returns>
    public async Task<(JupyterClient Client, bool Anew)> GetAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Running is { } running)
            {
                return (running, false);
            }

            Drop();
            var client = new JupyterClient(open(), name, Late);
            try
            {
                await client.WaitAsync(cancellationToken);
                if (initScript is not null)
                {
                    await InitializeAsync(client, initScript, cancellationToken);
                }
            }
            catch
            {
                client.Dispose();
                throw;
            }

            var anew = _lived;
            (_client, _lived) = (client, true);
            return (client, anew);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The variables of the kernel.</summary>
    /// <exception cref="CellFaultException">It is of a language whose values are not known here.</exception>
    public async Task<PythonValues> ValuesAsync(CancellationToken cancellationToken)
    {
        var (client, _) = await GetAsync(cancellationToken);
        if (client.Language != "python")
        {
            throw new CellFaultException(new(
                "KDL134", $"Values cannot be shared with the kernel '{name}': its language is '{client.Language}'.",
                "Values are shared with Python kernels; a file is a way to all others."));
        }

        return _values ??= await PythonValues.InstallAsync(client, name, cancellationToken);
    }

    /// <summary>Shuts the kernel down; the next use starts it anew.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Drop();
            _lived = false;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Starts the kernel beside whoever asks, who does not wait; a failure is told to the first cell.</summary>
    public void Warm() => _ = GetAsync(CancellationToken.None).ContinueWith(_ => { }, TaskScheduler.Default);

    public void Dispose()
    {
        _disposed = true;
        Drop();
    }

    private void Drop()
    {
        _client?.Dispose();
        (_client, _values) = (null, null);
    }

    private async Task InitializeAsync(JupyterClient client, string script, CancellationToken cancellationToken)
    {
        var asked = client.Ask(JupyterChannel.Shell, "execute_request", JsonSerializer.SerializeToUtf8Bytes(
            new(script, Silent: true, StoreHistory: false), WireJson.Default.ExecuteRequest));
        try
        {
            await foreach (var (channel, message) in asked.Exchange.ReadAsync(cancellationToken))
            {
                if (channel == JupyterChannel.Shell && Json.Object(message.Content) is var reply && Json.Text(reply, "status") != "ok")
                {
                    throw new CellFaultException(new(
                        "KDL131", $"The init script of '{name}' failed: {Json.Text(reply, "ename")}: {Json.Text(reply, "evalue")}."));
                }
            }
        }
        finally
        {
            client.Forget(asked);
        }
    }

    /// <summary>
    /// What a cell's threads say after it ended belongs to the cell that ran last; what a kernel mutters at its start to none.
    /// </summary>
    private void Late(WireMessage message)
    {
        if (_client is not null && KernelOutput.Of(message) is { } said)
        {
            DisplaySink.Current?.Emit(said);
        }
    }
}
