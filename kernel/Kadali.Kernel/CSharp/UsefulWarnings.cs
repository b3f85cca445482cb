using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// Of the compiler's warnings those that tell the author of a cell something: not about style, not about a program's public face.
/// </summary>
internal static class UsefulWarnings
{
    public static bool IsUseful(Diagnostic diagnostic) =>
        diagnostic.Severity == DiagnosticSeverity.Warning && diagnostic.Id is
            "CS0162" // unreachable code
            or "CS0184" or "CS0183" // always false, always true
            or "CS0219" // assigned, never used
            or "CS0252" or "CS0253" // comparison by reference
            or "CS0472" // comparison with null is always the same
            or "CS0612" or "CS0618" // obsolete
            or "CS0628" or "CS0652" // comparison out of range
            or "CS0675" or "CS0728" or "CS1717" or "CS1718" // assignment to itself, comparison with itself
            or "CS1030" // written by the author: #warning
            or "CS4014" // not awaited
            or "CS8073" or "CS8509" or "CS8524" or "CS8846"; // switch that is not exhaustive
}
