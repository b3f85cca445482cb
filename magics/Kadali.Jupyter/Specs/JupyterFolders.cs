namespace Kadali.Jupyter;

/// <summary>Where Jupyter looks for kernels and extensions: the folders that <c>jupyter --paths</c> lists as data.</summary>
public static class JupyterFolders
{
    /// <summary>The user's own, as <c>jupyter --data-dir</c> prints it.</summary>
    public static string User()
    {
        if (Variable("JUPYTER_DATA_DIR") is { } given)
        {
            return given;
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
            : Path.Combine(Variable("XDG_DATA_HOME") ?? Path.Combine(home, ".local", "share"), "jupyter");
    }

    /// <summary>Under the prefix of an environment or an image.</summary>
    public static string Under(string prefix) => Path.Combine(Path.GetFullPath(prefix), "share", "jupyter");

    /// <summary>The prefix of the Python environment that is active, else of the <c>jupyter</c> on the PATH; null where there is
    /// neither.</summary>
    public static string? SystemPrefix() =>
        Variable("VIRTUAL_ENV") ?? Variable("CONDA_PREFIX")
        ?? (Jupyter() is { } jupyter ? Path.GetDirectoryName(Path.GetDirectoryName(jupyter)) : null);

    /// <summary>The <c>jupyter</c> on the PATH, or null.</summary>
    public static string? Jupyter() => (Variable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "jupyter.exe" : "jupyter")).FirstOrDefault(File.Exists);

    /// <summary>Where connection files lie, as <c>jupyter --runtime-dir</c> prints it.</summary>
    public static string Runtime() => Variable("JUPYTER_RUNTIME_DIR") ?? Path.Combine(User(), "runtime");

    /// <summary>All that Jupyter searches, the first first.</summary>
    public static IReadOnlyList<string> All()
    {
        IEnumerable<string?> folders =
        [
            .. (Variable("JUPYTER_PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
            User(),
            .. ((string?[])[Variable("VIRTUAL_ENV"), Variable("CONDA_PREFIX"), SystemPrefix()]).OfType<string>().Select(Under),
            .. OperatingSystem.IsWindows()
                ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "jupyter")]
                : (string[])["/usr/local/share/jupyter", "/usr/share/jupyter"],
        ];
        return [.. folders.OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
