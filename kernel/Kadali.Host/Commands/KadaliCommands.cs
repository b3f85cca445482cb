using System.CommandLine;
using Kadali.Host.Session;

namespace Kadali.Host.Commands;

/// <summary>The commands of the program, apart from <c>kernel</c>, which goes past this.</summary>
internal static class KadaliCommands
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Kadali: a notebook kernel for .NET with a lakehouse in it.")
        {
            RunCommand.Create(), ConsoleCommand.Create(), ConvertCommand.Create(),
            InstallCommand.Create(), InstallCommand.CreateUninstall(), DoctorCommand.Create(),
            new Command("kernel", "Starts a kernel on a connection file; this is what Jupyter calls.")
            {
                new Argument<string>("file") { Description = "The connection file." },
            },
        };
        root.Description += $" Version {NotebookSession.Version}.";
        return root;
    }
}
