using System.CommandLine;
using Kadali.Host.Terminal;

namespace Kadali.Host.Commands;

/// <summary><c>kadali doctor</c>: looks at the machine, and says what to do about what it finds.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Checks that this machine has what Kadali needs; exit code 1 where something is missing.");
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // Not Console.Out, which belongs to the cells as soon as a session is open.
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var failed = false;
        await foreach (var finding in Checks.RunAsync(cancellationToken))
        {
            failed |= finding.State == FindingState.Fail;
            var (colour, word) = finding.State switch
            {
                FindingState.Ok => (Ansi.Green, "ok  "),
                FindingState.Warn => (Ansi.Yellow, "warn"),
                _ => (Ansi.Red, "fail"),
            };
            output.WriteLine(Ansi.ForOutput($"{colour}{word}{Ansi.Off}  {finding.Text}"));
            if (finding.Advice is { } advice)
            {
                output.WriteLine($"      {advice}");
            }
        }

        return failed ? 1 : 0;
    }
}

/// <summary>How much a finding matters.</summary>
internal enum FindingState
{
    Ok,

    /// <summary>Something does not work that one may do without.</summary>
    Warn,

    /// <summary>Cells do not run.</summary>
    Fail,
}

/// <param name="Text">What was found.</param>
/// <param name="Advice">What to do about it, or null.</param>
internal sealed record Finding(FindingState State, string Text, string? Advice = null)
{
    public static Finding Ok(string text) => new(FindingState.Ok, text);

    public static Finding Warn(string text, string advice) => new(FindingState.Warn, text, advice);

    public static Finding Fail(string text, string advice) => new(FindingState.Fail, text, advice);
}
