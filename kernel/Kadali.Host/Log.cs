using System.Globalization;

namespace Kadali.Host;

/// <summary>
/// The program's log: lines on the process's standard error. Never the text of a cell, a key or a token. A logging framework would be
/// loaded before the first message is answered; these few lines are not.
/// </summary>
internal static class Log
{
    private static readonly TextWriter Target = TextWriter.Synchronized(Terminal.RunView.Writer(Console.OpenStandardError()));

    /// <summary>The process's own standard error, which cells cannot redirect.</summary>
    public static TextWriter Writer => Target;

    /// <summary>Something of ours went wrong, and the program goes on.</summary>
    public static void Failure(Exception exception)
    {
        var time = DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var what = exception is Protocol.WireException ? "message refused: " + exception.Message : exception.ToString();
        Target.WriteLine($"[kadali {time}] {what}");
    }
}
