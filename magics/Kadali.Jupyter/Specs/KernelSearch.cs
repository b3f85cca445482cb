using Kadali.Cells;

namespace Kadali.Jupyter;

/// <summary>Finds the kernel that a reader means, without starting <c>jupyter</c>.</summary>
internal static class KernelSearch
{
    /// <summary>The kernel of that name.</summary>
    /// <param name="prefix">An environment (a folder, or the name of a conda environment) whose kernels go first, or null.</param>
    /// <exception cref="CellFaultException">There is none.</exception>
    public static KernelSpec Named(string name, string? prefix)
    {
        var shares = Shares(prefix);
        var specs = KernelSpec.Find(shares);
        return specs.FirstOrDefault(spec => spec.Name == name.ToLowerInvariant()) ?? throw new CellFaultException(new(
            "KDL130", $"There is no Jupyter kernel '{name}' on this machine.",
            Nearest.Of(name, specs.Select(spec => spec.Name)) is { } near ? $"Did you mean '{near}'?"
                : specs.Count > 0 ? $"There are: {string.Join(", ", specs.Select(spec => spec.Name))}."
                : $"No kernel is installed in {string.Join(", ", shares)}."));
    }

    /// <summary>
    /// The Python that a notebook means by <c>#!python</c>: that of the active environment, else <c>python3</c>, else any.
    /// </summary>
    /// <exception cref="CellFaultException">There is none.</exception>
    public static KernelSpec Python()
    {
        string[] active =
        [
            .. ((string?[])[Variable("VIRTUAL_ENV"), Variable("CONDA_PREFIX"), LocalEnvironment()])
                .OfType<string>().Select(JupyterFolders.Under),
        ];
        var shares = Shares(null);
        var specs = KernelSpec.Find([.. active, .. shares]).Where(IsPython).ToArray();
        return specs.FirstOrDefault(
            spec => active.Any(share => spec.Folder.StartsWith(share + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            ?? specs.FirstOrDefault(spec => spec.Name == "python3") ?? specs.FirstOrDefault()
            ?? throw new CellFaultException(new(
                "KDL130", "'#!python' found no Python kernel (a Jupyter kernelspec of the language 'python').",
                $"""
                 Looked in: {string.Join(", ", active.Concat(shares).Distinct())}.
                 To install one: 'python3 -m pip install ipykernel' in the environment to use, or on Debian 'apt install python3-ipykernel'.
                 '#!connect jupyter --kernel-name python --kernel-spec NAME' chooses another one.
                 """));
    }

    /// <summary>Whether it is a Python that cells can run on.</summary>
    public static bool IsPython(KernelSpec spec) =>
        spec.Language.Equals("python", StringComparison.OrdinalIgnoreCase) && spec.Command.Count > 0;

    private static IReadOnlyList<string> Shares(string? prefix) =>
        prefix is null ? JupyterFolders.All() : [JupyterFolders.Under(Resolve(prefix)), .. JupyterFolders.All()];

    /// <summary>A folder, or the folder of the conda environment of that name.</summary>
    private static string Resolve(string prefix)
    {
        if (Directory.Exists(prefix))
        {
            return prefix;
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string?[] roots =
        [
            Variable("CONDA_EXE") is { } conda ? Path.GetDirectoryName(Path.GetDirectoryName(conda)) : null,
            .. ((string[])["miniconda3", "anaconda3", "miniforge3", "micromamba", ".conda"]).Select(name => Path.Combine(home, name)),
        ];
        return roots.OfType<string>().Select(root => Path.Combine(root, "envs", prefix)).FirstOrDefault(Directory.Exists)
            ?? throw new CellFaultException(new(
                "KDL130", $"There is no environment '{prefix}'.",
                "Give the folder of a Python environment, or the name of a conda environment."));
    }

    /// <summary>The environment that lies beside the notebook, where tools make it.</summary>
    private static string? LocalEnvironment() => File.Exists(Path.Combine(".venv", "pyvenv.cfg")) ? Path.GetFullPath(".venv") : null;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
