using System.Runtime.CompilerServices;

namespace Kadali.Delta;

/// <summary>What is nested without end must not end the process: a stack that overflows cannot be caught.</summary>
internal static class Nesting
{
    /// <summary>To be called on each level down.</summary>
    /// <exception cref="DeltaException">There is no room for another level.</exception>
    public static void Check(int? offset = null)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new DeltaException(DeltaErrorKind.Syntax, "The statement is nested too deeply.") { Offset = offset };
        }
    }
}
