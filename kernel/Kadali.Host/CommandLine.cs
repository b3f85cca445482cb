using System.CommandLine;
using Kadali.Host.Commands;

namespace Kadali.Host;

/// <summary>Everything but the kernel. A class of its own, so that the kernel does not load what only this needs.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = KadaliCommands.Create().Parse(args.Length == 0 ? ["--help"] : args);

        // Commands see to Ctrl-C themselves: the library would end the program two seconds after the first.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
