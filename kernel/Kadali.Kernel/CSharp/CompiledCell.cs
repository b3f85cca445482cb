using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>A cell that compiled and is loaded.</summary>
/// <param name="Run">Starts it; takes an array of two, and puts the script's instance into its second place.</param>
/// <param name="Declare">Lets later cells name what the cell declared; takes the script's instance.</param>
/// <param name="Disposed">Its variables that are disposed of when it ends, in the order of their declaration.</param>
internal sealed record CompiledCell(
    Func<object?[], Task<object?>> Run, IReadOnlyList<Diagnostic> Warnings, Action<object> Declare,
    IReadOnlyList<(FieldInfo Field, bool IsAsync)> Disposed)
{
    /// <summary>Disposes of what the cell took with <c>using</c>, the last first.</summary>
    public async Task<object?> DisposeAsync()
    {
        foreach (var (field, isAsync) in Disposed.Reverse())
        {
            switch (field.GetValue(null))
            {
                case IAsyncDisposable later when isAsync:
                    await later.DisposeAsync();
                    break;
                case IDisposable now:
                    now.Dispose();
                    break;
                default:
                    break;
            }
        }

        return null;
    }
}
