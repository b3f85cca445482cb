using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kadali.Host.Terminal;

/// <summary>Ctrl-C and the ending of the program from outside, as a token: the first ends the running cell, the second the program at
/// once.</summary>
internal sealed class Interrupts : IDisposable
{
    // What a shell reports for a program that a signal ended.
    private const int Interrupted = 128 + 2;
    private const int Terminated = 128 + 15;

    // 'timeout' and some supervisors signal the process and its group, which is one press and not two.
    private static readonly TimeSpan OnePress = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _first = new();
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupts()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Take(context, Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Take(context, Terminated)),
        ];
    }

    public CancellationToken Token => _source.Token;

    /// <summary>The exit code of a program that was told to end, or null where it was not.</summary>
    public int? ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Take(PosixSignalContext context, int code)
    {
        context.Cancel = _first.Elapsed < OnePress;
        _first.Start();
        ExitCode ??= code;
        _source.Cancel();
    }
}
