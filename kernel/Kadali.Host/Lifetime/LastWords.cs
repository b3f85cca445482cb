using System.Text.RegularExpressions;

namespace Kadali.Host.Lifetime;

/// <summary>Makes a reason out of what the runtime wrote to standard error before it ended the process.</summary>
internal static partial class LastWords
{
    private const int ShownFrames = 4;

    /// <summary>Ends the record's words when a cell ends the process by itself.</summary>
    public const string Exit = "Environment.Exit\n";

    public static string Reason(string words, bool killedBySystem)
    {
        if (words.Contains("Stack overflow", StringComparison.Ordinal))
        {
            return $"a stack overflow; look for a function that calls itself without end.{Frames(words)}";
        }

        if (words.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) || killedBySystem)
        {
            return "out of memory.";
        }

        var fatal = words.IndexOf("Process terminated.", StringComparison.Ordinal);
        if (fatal >= 0)
        {
            var message = words[(fatal + "Process terminated.".Length)..].Split("   at ", 2)[0].Trim();
            return $"Environment.FailFast{(message.Length > 0 ? $" said '{message}'" : "")}.{Frames(words)}";
        }

        if (words.EndsWith(Exit, StringComparison.Ordinal))
        {
            return "the cell called Environment.Exit.";
        }

        return words.Contains("Fatal error.", StringComparison.Ordinal)
            ? "a fatal error of the runtime: "
                + words[(words.IndexOf("Fatal error.", StringComparison.Ordinal) + "Fatal error.".Length)..].Trim().Split('\n')[0]
            : "the process was ended from outside, or broke in native code.";
    }

    /// <summary>The innermost functions of cells, as their author named them.</summary>
    private static string Frames(string words)
    {
        var frames = Frame().Matches(words)
            .Select(match => match.Groups[1].Value)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Kadali.", StringComparison.Ordinal))
            .Select(name => CellClass().Replace(name, ""))
            .Select(name => name.Contains("b__", StringComparison.Ordinal) ? "a lambda"
                : LocalFunction().Match(name) is { Success: true } local ? local.Groups[1].Value : name)
            .Where(name => !name.StartsWith('<'))
            .Distinct()
            .Take(ShownFrames)
            .ToArray();
        return frames.Length == 0 ? "" : "\n   at " + string.Join("\n   at ", frames);
    }

    [GeneratedRegex(@"^   at ([^\r\n]+)", RegexOptions.Multiline)]
    private static partial Regex Frame();

    [GeneratedRegex(@"KadaliCell\d+[.+]")]
    private static partial Regex CellClass();

    [GeneratedRegex(@"g__([^|]+)\|")]
    private static partial Regex LocalFunction();
}
