using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Kadali.Kernel.CSharp;

/// <summary>From a compilation to an assembly, or to the errors that its author sees.</summary>
internal static class CellEmission
{
    // Recursion without end becomes an exception that a cell can survive, and a loop without end looks at the cell's token: the runtime can
    // neither abort nor suspend for its collector a thread in a loop that has no instruction but its jump.
    private static readonly EmitOptions Options = new(
        debugInformationFormat: DebugInformationFormat.PortablePdb,
        instrumentationKinds: [InstrumentationKind.StackOverflowProbing, InstrumentationKind.ModuleCancellation]);

    /// <summary>Emits a text with checks put into it; what there is to say is said of the text as it was written.</summary>
    public static (CSharpCompilation Compilation, byte[] Image, byte[] Symbols, IReadOnlyList<Diagnostic> Warnings) EmitChecked(
        CellSyntax syntax, string text, bool ofTypes, Func<string, CSharpCompilation> compile, CancellationToken cancellationToken)
    {
        var written = new Lazy<CSharpCompilation>(() => compile(text));
        var withChecks = CellChecks.Insert(syntax, text, ofTypes, written, cancellationToken);
        if (withChecks != text)
        {
            var compilation = compile(withChecks);
            try
            {
                var (image, symbols, warnings) = Emit(compilation, cancellationToken);
                return (compilation, image, symbols, warnings.Count == 0
                    ? warnings
                    : [.. written.Value.GetDiagnostics(cancellationToken).Where(UsefulWarnings.IsUseful)]);
            }
            catch (CompilationFailedException)
            {
                // The errors of the text as it was written; should only the checks be at fault, the cell runs without them.
                ThrowOnErrors(written.Value.GetDiagnostics(cancellationToken));
            }
        }

        var emitted = Emit(written.Value, cancellationToken);
        return (written.Value, emitted.Image, emitted.Symbols, emitted.Warnings);
    }

    public static (byte[] Image, byte[] Symbols, IReadOnlyList<Diagnostic> Warnings) Emit(
        CSharpCompilation compilation, CancellationToken cancellationToken)
    {
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = compilation.Emit(image, symbols, options: Options, cancellationToken: cancellationToken);
        if (!result.Success)
        {
            ThrowOnErrors(result.Diagnostics);
        }

        return (image.ToArray(), symbols.ToArray(), [.. result.Diagnostics.Where(UsefulWarnings.IsUseful)]);
    }

    public static void ThrowOnErrors(IEnumerable<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToArray();
        if (errors.Length > 0)
        {
            throw new CompilationFailedException(errors);
        }
    }
}

/// <summary>The compiler refused a cell.</summary>
internal sealed class CompilationFailedException(IReadOnlyList<Diagnostic> diagnostics) : Exception(diagnostics[0].GetMessage())
{
    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;
}
