// What notebooks of .NET Interactive name: with these their 'using' lines and calls compile as they stand.
#pragma warning disable IDE0130 // The namespaces are theirs.
using Kadali.Formatting;

namespace Microsoft.DotNet.Interactive
{
    /// <summary>Shows values in the running cell.</summary>
    public sealed class KernelInvocationContext
    {
        private KernelInvocationContext()
        {
        }

        /// <summary>The running cell.</summary>
        public static KernelInvocationContext Current { get; } = new();

        /// <summary>Shows a value; in these MIME types, or in all it has.</summary>
        public DisplayedValue Display(object? value, params string[] mimeTypes) => value.Display(mimeTypes);

        /// <summary>Shows text as content of a MIME type.</summary>
        public DisplayedValue DisplayAs(string value, string mimeType) => value.DisplayAs(mimeType);

        /// <summary>Writes as <see cref="Console.Out"/> does.</summary>
        public void DisplayStandardOut(string output) => Console.Out.Write(output);

        /// <summary>Writes as <see cref="Console.Error"/> does.</summary>
        public void DisplayStandardError(string error) => Console.Error.Write(error);
    }
}

namespace Microsoft.DotNet.Interactive.Formatting
{
    internal static class Name;
}

namespace Microsoft.DotNet.Interactive.Commands
{
    internal static class Name;
}

namespace Microsoft.DotNet.Interactive.Events
{
    internal static class Name;
}
