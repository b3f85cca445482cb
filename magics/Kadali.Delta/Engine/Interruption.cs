using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// Interrupts a statement when a token is cancelled, and again until it has ended: DuckDB forgets an interrupt that comes in the moment
/// before the statement begins, and would then run on.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly CancellationTokenRegistration _registration;
    private Timer? _timer;
    private bool _ended;

    public Interruption(DuckDBCommand command, CancellationToken cancellationToken) => _registration = cancellationToken.Register(() =>
    {
        lock (_lock)
        {
            if (!_ended)
            {
                command.Cancel();
                _timer = new(_ => Repeat(command), null, Again, Again);
            }
        }
    });

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            _timer?.Dispose();
        }

        _registration.Dispose();
    }

    private void Repeat(DuckDBCommand command)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                command.Cancel();
            }
        }
    }
}
