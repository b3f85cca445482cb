using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>Languages that notebooks of .NET Interactive may hold and that are not here.</summary>
internal static class Foreign
{
    /// <summary>Says that the language is not here, or null where it is no such language.</summary>
    public static Fault? Fault(string name) => name.ToLowerInvariant() switch
    {
        "fsharp" or "f#" or "fs" => Of(name, "F#", "Write the cell in C#."),
        "pwsh" or "powershell" => Of(name, "PowerShell", "Call a program with System.Diagnostics.Process, or write the cell in C#."),
        "http" => Of(name, "HTTP requests as cells", "Use HttpClient in a C# cell."),
        "kql" => Of(name, "KQL", "Write the cell in SQL ('#!sql')."),
        "r" => Of(name, "R", "Connect an R kernel: '#!connect jupyter --kernel-name r --kernel-spec ir'."),
        _ => null,
    };

    private static Fault Of(string name, string what, string instead) =>
        new(
            "KDL102", $"'#!{name}' is a language of .NET Interactive that Kadali does not have: {what}.",
            $"{instead} '#!lsmagic' lists what there is.");
}
