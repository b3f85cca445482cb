using System.CommandLine;
using System.Text.Json.Nodes;

namespace Kadali.Host.Commands;

/// <summary><c>kadali install</c>: makes the kernel known to Jupyter.</summary>
internal static class InstallCommand
{
    public static Command Create()
    {
        var user = new Option<bool>("--user") { Description = "For this user (the default)." };
        var prefix = new Option<string?>("--prefix") { Description = "Under this folder, as PREFIX/share/jupyter/kernels/NAME; for environments and images." };
        var name = new Option<string>("--name") { Description = "What Jupyter calls the kernel.", DefaultValueFactory = _ => "kadali" };
        var display = new Option<string>("--display-name") { Description = "What its users see.", DefaultValueFactory = _ => "C# (Kadali)" };
        var command = new Command("install", "Makes the kernel known to Jupyter.") { user, prefix, name, display };
        command.SetAction(parsed =>
        {
            var id = parsed.GetValue(name)!;
            if (id.Length == 0 || !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            {
                Console.Error.WriteLine($"'--name {id}' cannot be a kernel's name: letters, digits, '-', '_' and '.' can.");
                return 2;
            }

            if (parsed.GetValue(user) && parsed.GetValue(prefix) is not null)
            {
                Console.Error.WriteLine("--user and --prefix say different things: give one of them.");
                return 2;
            }

            var share = parsed.GetValue(prefix) is { } root ? Path.Combine(Path.GetFullPath(root), "share", "jupyter") : UserData();
            var folder = Path.Combine(share, "kernels", id);
            try
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, "kernel.json"), Spec(parsed.GetValue(display)!));
                File.WriteAllText(Path.Combine(folder, "logo-svg.svg"), Logo);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"The kernel could not be installed: {exception.Message}");
                return 1;
            }

            Console.WriteLine($"Installed the kernel '{id}' in {folder}");
            return 0;
        });
        return command;
    }

    /// <summary>The kernel's specification: how Jupyter starts this very program.</summary>
    private static string Spec(string displayName) => new JsonObject
    {
        ["argv"] = new JsonArray([.. Program().Append("kernel").Append("{connection_file}").Select(word => (JsonNode)word)]),
        ["display_name"] = displayName,
        ["language"] = "C#",
        ["interrupt_mode"] = "message",
        ["metadata"] = new JsonObject { ["debugger"] = false },
    }.ToJsonString(new() { WriteIndented = true }) + "\n";

    private static IEnumerable<string> Program()
    {
        var process = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [process, Path.Combine(AppContext.BaseDirectory, "kadali.dll")]
            : [process];
    }

    /// <summary>Jupyter's data folder of the user, as <c>jupyter --data-dir</c> prints it.</summary>
    private static string UserData()
    {
        if (Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } given)
        {
            return given;
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
            : Path.Combine(Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data ? data : Path.Combine(home, ".local", "share"), "jupyter");
    }

    private const string Logo = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#4285be"/><path d="M20 14v36M44 14 22 32l22 18" fill="none" stroke="#fff" stroke-width="7" stroke-linecap="round" stroke-linejoin="round"/></svg>
        """;
}
