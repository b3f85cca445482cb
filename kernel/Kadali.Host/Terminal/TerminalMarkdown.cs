using System.Text.RegularExpressions;

namespace Kadali.Host.Terminal;

/// <summary>Markdown for a terminal: headings, emphasis, code and lists stand out, and all else is as it was written.</summary>
internal static partial class TerminalMarkdown
{
    /// <param name="columns">The width at which lines are broken, but not those of code.</param>
    public static string Render(string source, int columns)
    {
        var isCode = false;
        return string.Join("\n", source.TrimEnd().ReplaceLineEndings("\n").Split('\n').Select(line =>
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
                return $"{Ansi.Dim}{line}{Ansi.Off}";
            }

            return isCode ? $"{Ansi.Cyan}{line}{Ansi.Off}" : TextWidth.Wrap(Line(line), columns);
        }));
    }

    private static string Line(string line)
    {
        if (Heading.Match(line) is { Success: true } heading)
        {
            return $"{Ansi.Bold}{(heading.Groups["level"].Length == 1 ? "\e[4m" : "")}{heading.Groups["text"].Value}{Ansi.Off}";
        }

        line = Item.Replace(line, "${indent}• ");
        line = Strong.Replace(line, $"{Ansi.Bold}$1{Ansi.Off}");
        return Code.Replace(line, $"{Ansi.Cyan}$1{Ansi.Off}");
    }

    [GeneratedRegex("^(?<level>#{1,6}) +(?<text>.*?)( +#*)?$")]
    private static partial Regex Heading { get; }

    [GeneratedRegex("^(?<indent> *)[-*+] ")]
    private static partial Regex Item { get; }

    [GeneratedRegex(@"\*\*(\S(?:.*?\S)?)\*\*")]
    private static partial Regex Strong { get; }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code { get; }
}
