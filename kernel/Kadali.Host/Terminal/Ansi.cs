using System.Text.RegularExpressions;

namespace Kadali.Host.Terminal;

/// <summary>Colours for a terminal, and none for a file.</summary>
internal static partial class Ansi
{
    public const string Red = "\e[31m";
    public const string Green = "\e[32m";
    public const string Yellow = "\e[33m";
    public const string Cyan = "\e[36m";
    public const string Bold = "\e[1m";
    public const string Dim = "\e[2m";
    public const string Off = "\e[0m";

    /// <summary>Whether the user wants no colours at all (no-color.org).</summary>
    public static bool IsUnwanted =>
        Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") == "dumb";

    public static string Strip(string text) => text.Contains('\e', StringComparison.Ordinal) ? Sequence.Replace(text, "") : text;

    /// <summary>Text for standard error: with its colours where that is a terminal.</summary>
    public static string ForErrors(string text) => Console.IsErrorRedirected || IsUnwanted ? Strip(text) : text;

    /// <summary>Text for standard output: with its colours where that is a terminal.</summary>
    public static string ForOutput(string text) => Console.IsOutputRedirected || IsUnwanted ? Strip(text) : text;

    [GeneratedRegex("""\e(\[[0-9;?]*[ -/]*[@-~]|\][^\a\e]*(\a|\e\\))""")]
    private static partial Regex Sequence { get; }
}
