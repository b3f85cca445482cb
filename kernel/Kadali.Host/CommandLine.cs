using System.CommandLine;
using Kadali.Cells;
using Kadali.Host.Commands;
using Kadali.Host.Terminal;

namespace Kadali.Host;

/// <summary>Everything but the kernel. A class of its own, so that the kernel does not load what only this needs.</summary>
internal static class CommandLine
{
    /// <summary>The command line is wrong; nothing ran.</summary>
    private const int NotStarted = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = KadaliCommands.Create().Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            Log.Writer.WriteLine(Ansi.ForErrors(Explain(parsed)));
            return NotStarted;
        }

        // Commands see to Ctrl-C themselves: the library would end the program two seconds after the first.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    /// <summary>What is wrong, what was likely meant, and where to read on: not the whole help, in which that would be lost.</summary>
    private static string Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = Path(parsed.CommandResult);
        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            var isOption = unknown.StartsWith('-');
            var known = isOption
                ? command.Options.SelectMany(option => (string[])[option.Name, .. option.Aliases]).Where(name => name.Length > 2)
                : command.Subcommands.Select(subcommand => subcommand.Name);
            var nearest = Nearest.Of(unknown.Split('=')[0], known);
            var what = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "place for";
            return $"{Ansi.Red}'{path}' has no {what} '{unknown}'.{Ansi.Off}"
                + (nearest is null ? "" : $" Did you mean '{nearest}'?") + $"\n'{path} --help' shows what it takes.";
        }

        var errors = parsed.Errors.Select(error => error.Message).Distinct();
        return $"{Ansi.Red}{string.Join("\n", errors)}{Ansi.Off}\n'{path} --help' shows what it takes.";
    }

    private static string Path(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "kadali";
}
