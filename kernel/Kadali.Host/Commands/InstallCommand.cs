using System.CommandLine;
using Kadali.Jupyter;

namespace Kadali.Host.Commands;

/// <summary><c>kadali install</c> and <c>kadali uninstall</c>: make the kernel known to Jupyter, and forgotten.</summary>
internal static class InstallCommand
{
    private const string DefaultName = "kadali";

    public static Command Create()
    {
        var place = new PlaceOptions();
        var name = Name();
        var display = new Option<string>("--display-name")
        {
            Description = "What its users see.", DefaultValueFactory = _ => "C# (Kadali)", HelpName = "TEXT",
        };
        var command = new Command("install", "Makes the kernel known to Jupyter, with the extension of JupyterLab.") { name, display };
        place.AddTo(command);
        command.SetAction(parsed => Act("The kernel could not be installed", () =>
        {
            var share = place.Share(parsed);
            var folder = Path.Combine(share, "kernels", parsed.GetValue(name)!);
            OwnKernelSpec.Write(folder, parsed.GetValue(display)!);
            Console.WriteLine($"Installed the kernel '{parsed.GetValue(name)}' in {folder}");
            if (LabExtension.Install(share) is { } extension)
            {
                Console.WriteLine($"Installed the extension of JupyterLab in {extension}");
            }

            if (parsed.GetValue(name)!.StartsWith(".net-", StringComparison.Ordinal))
            {
                Console.WriteLine("Visual Studio Code's Polyglot Notebooks takes notebooks of kernels named '.net-…' for its own.");
            }

            if (JupyterFolders.Jupyter() is null)
            {
                Console.WriteLine("There is no 'jupyter' on the PATH; 'kadali run' and 'kadali console' do without.");
            }

            return 0;
        }));
        return command;
    }

    public static Command CreateUninstall()
    {
        var place = new PlaceOptions();
        var name = Name();
        var command = new Command("uninstall", "Takes back what install did.") { name };
        place.AddTo(command);
        command.SetAction(parsed => Act("The kernel could not be taken out", () =>
        {
            var share = place.Share(parsed);
            var folder = Path.Combine(share, "kernels", parsed.GetValue(name)!);
            if (KernelSpec.Read(folder) is not { } spec)
            {
                Console.Error.WriteLine($"There is no kernel in {folder}");
                return 1;
            }

            if (!spec.IsOurs)
            {
                Console.Error.WriteLine($"The kernel in {folder} is not of this program; it stays.");
                return 1;
            }

            Directory.Delete(folder, recursive: true);
            Console.WriteLine($"Took out the kernel '{parsed.GetValue(name)}' of {folder}");

            // Kernels under other names share the extension.
            foreach (var extension in KernelSpec.Find([share]).Any(other => other.IsOurs) ? [] : LabExtension.Installed(share))
            {
                LabExtension.Remove(extension);
                Console.WriteLine($"Took out the extension of JupyterLab of {extension}");
            }

            return 0;
        }));
        return command;
    }

    private static Option<string> Name()
    {
        var name = new Option<string>("--name")
        {
            Description = "What Jupyter calls the kernel.", DefaultValueFactory = _ => DefaultName, HelpName = "NAME",
        };
        name.Validators.Add(result =>
        {
            var id = result.GetValue(name) ?? "";
            if (id.Length == 0 || id is "." or ".." || !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            {
                result.AddError($"'--name {id}' cannot be a kernel's name: letters, digits, '-', '_' and '.' can.");
            }
        });
        return name;
    }

    private static int Act(string failed, Func<int> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{failed}: {exception.Message}");
            return 1;
        }
    }
}

/// <summary>The options that say where Jupyter's files are.</summary>
internal sealed class PlaceOptions
{
    private readonly Option<bool> _user = new("--user") { Description = "For this user (the default)." };

    private readonly Option<string?> _prefix = new("--prefix")
    {
        Description = "Under this folder, as PREFIX/share/jupyter; for environments and images.", HelpName = "PREFIX",
    };

    private readonly Option<bool> _system = new("--sys-prefix")
    {
        Description = "In the Python environment that is active, or that 'jupyter' belongs to.",
    };

    public void AddTo(Command command)
    {
        command.Add(_user);
        command.Add(_prefix);
        command.Add(_system);
        command.Validators.Add(result =>
        {
            bool[] given = [result.GetValue(_user), result.GetValue(_prefix) is not null, result.GetValue(_system)];
            if (given.Count(one => one) > 1)
            {
                result.AddError("--user, --prefix and --sys-prefix say different things: give one of them.");
            }
            else if (result.GetValue(_system) && JupyterFolders.SystemPrefix() is null)
            {
                result.AddError("--sys-prefix: no Python environment is active, and there is no 'jupyter' on the PATH.");
            }
        });
    }

    /// <summary>The folder that holds <c>kernels</c> and <c>labextensions</c>.</summary>
    public string Share(ParseResult parsed) =>
        parsed.GetValue(_prefix) is { } prefix ? JupyterFolders.Under(prefix)
        : parsed.GetValue(_system) ? JupyterFolders.Under(JupyterFolders.SystemPrefix()!)
        : JupyterFolders.User();
}
