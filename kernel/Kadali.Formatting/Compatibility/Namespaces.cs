using System.ComponentModel;

// Cells that were written for .NET Interactive begin with its namespaces. They exist here so that those lines are no errors; what the cells
// then call is in Kadali.Formatting, which every cell uses. Types of the same names here would be ambiguous with those, and with the real
// ones where a package brings them along.
namespace Microsoft.DotNet.Interactive
{
    /// <summary>Makes the namespace exist.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static class NamespaceOfKadali;
}

namespace Microsoft.DotNet.Interactive.Commands
{
    /// <inheritdoc cref="NamespaceOfKadali"/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static class CommandsOfKadali;
}

namespace Microsoft.DotNet.Interactive.Events
{
    /// <inheritdoc cref="NamespaceOfKadali"/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static class EventsOfKadali;
}
