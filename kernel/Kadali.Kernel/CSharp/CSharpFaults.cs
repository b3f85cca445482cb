using System.Globalization;
using Kadali.Cells;
using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>The compiler's words as a fault of the cell.</summary>
internal static class CSharpFaults
{
    private const int Shown = 5;

    public static Fault Of(IReadOnlyList<Diagnostic> errors, string text, string? source, CSharpSession session)
    {
        var ordered = errors.OrderBy(error => error.Location.SourceSpan.Start).ToArray();
        var first = ordered[0];
        var more = string.Concat(ordered.Skip(1).Take(Shown - 1).Select(error => $"\n{Place(error)}{error.Id}: {Message(error)}"));
        var rest = ordered.Length > Shown ? $"\n… and {ordered.Length - Shown} more errors" : "";
        return new($"{first.Id}", Message(first) + more + rest, Hint(first, text, session), PlaceOf(first, text, source));
    }

    public static string Warning(Diagnostic warning) => $"{Place(warning)}warning {warning.Id}: {Message(warning)}";

    private static string Place(Diagnostic diagnostic)
    {
        var position = diagnostic.Location.GetMappedLineSpan().StartLinePosition;
        return diagnostic.Location.IsInSource ? $"line {position.Line + 1}, column {position.Character + 1}: " : "";
    }

    private static string Message(Diagnostic diagnostic) => diagnostic.GetMessage(CultureInfo.InvariantCulture);

    private static FaultPlace? PlaceOf(Diagnostic diagnostic, string text, string? source)
    {
        if (!diagnostic.Location.IsInSource)
        {
            return null;
        }

        var span = diagnostic.Location.GetMappedLineSpan();
        var line = text.Split('\n').ElementAtOrDefault(span.StartLinePosition.Line)?.TrimEnd('\r') ?? "";
        var length = span.EndLinePosition.Line == span.StartLinePosition.Line
            ? span.EndLinePosition.Character - span.StartLinePosition.Character
            : 0;
        return new(new(span.StartLinePosition.Line, span.StartLinePosition.Character), line, length) { Source = source };
    }

    private static string? Hint(Diagnostic first, string text, CSharpSession session)
    {
        var span = first.Location.IsInSource ? first.Location.SourceSpan : default;
        var word = first.Location.SourceTree?.ToString().Substring(span.Start, span.Length) ?? "";
        return first.Id switch
        {
            "CS0117" when word is "Root" or "Current" =>
                "A line '#!sql' or '#!NAME' in the cell runs what follows it in that language; '#!share' takes its values.",
            "CS0103" or "CS0234" or "CS0246" when word.StartsWith("PocketView", StringComparison.Ordinal) =>
                "Is 'using static Microsoft.DotNet.Interactive.Formatting.PocketViewTags;' missing?",
            "CS0246" when word is "SubmitCode" or "CompositeKernel" or "IKernelExtension" =>
                "Kernels of .NET Interactive are not here: a line '#!NAME' in the cell chooses its language.",
            "CS0103" when Nearest.Of(word, session.List().Select(variable => variable.Name)) is { } near => $"Did you mean '{near}'?",
            "CS0103" or "CS0246" => "Is a cell above not run yet, or is a 'using' missing?",
            "CS0229" or "CS0118" => "A variable of an earlier cell has the name of a type or namespace: give it another name.",
            "CS8795" => "Source generators do not run in a notebook; without one, write for instance 'new Regex(…)'.",
            "CS9378" => "A line with a magic begins with its '#!': no blanks before it.",
            "CS0122" => "If its type was declared anew since, run the cell again that made the value.",
            _ => null,
        };
    }
}
