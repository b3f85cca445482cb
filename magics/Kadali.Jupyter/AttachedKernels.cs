using Kadali.Cells;

namespace Kadali.Jupyter;

/// <summary>
/// The kernels of other languages that a session has attached; they end with it. Also the connector behind <c>#!connect jupyter</c>.
/// </summary>
public sealed class AttachedKernels(IInput input) : IConnector, IDisposable
{
    private readonly Dictionary<string, KernelHandle> _kernels = [];
    private readonly Lock _lock = new();

    public MagicSyntax Syntax { get; } = new("jupyter", "Attaches another Jupyter kernel, whose cells are then '#!NAME'.", null)
    {
        Options =
        [
            new("kernel-spec", "The kernel to start, by the name that 'jupyter kernelspec list' shows.", "SPEC") { Required = true },
            new("prefix", "The environment (a folder, or the name of a conda environment) whose kernels go first.", "FOLDER"),
            new("conda-env", "The same as --prefix.", "NAME"),
            new("init-script", "A file of code that the kernel runs at its start.", "FILE"),
        ],
        Examples =
        [
            ("#!connect jupyter --kernel-name py --kernel-spec python3", "starts a Python; '#!py' cells run there"),
            ("#!connect jupyter --kernel-name python --kernel-spec python3 --prefix .venv", "'#!python' cells run in this environment"),
        ],
    };

    /// <summary><c>#!python</c>, which finds and starts its kernel when it is first used.</summary>
    public IMagic Python() => Attach(
        new("python", () => LocalKernel.Start(KernelSearch.Python()), null),
        JupyterMagic.SyntaxOf("python", "Python: runs on the machine's ipykernel, found and started at first use.", "Python code") with
        {
            Remarks = """
                The kernel is that of the active environment (VIRTUAL_ENV, CONDA_PREFIX, .venv), else 'python3', else any Python kernel that
                Jupyter would find.
                Tables become pandas DataFrames, and DataFrames of pandas, Polars and PyArrow become tables.
                """,
        });

    public async Task<IMagic> ConnectAsync(string kernelName, MagicArguments arguments, CancellationToken cancellationToken)
    {
        var spec = KernelSearch.Named(arguments.Text("kernel-spec")!, arguments.Text("prefix") ?? arguments.Text("conda-env"));
        var script = arguments.Text("init-script") is { } path ? await ReadAsync(path, cancellationToken) : null;
        var kernel = new KernelHandle(kernelName, () => LocalKernel.Start(spec), script);
        try
        {
            await kernel.GetAsync(cancellationToken);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }

        return Attach(kernel, JupyterMagic.SyntaxOf(
            kernelName, $"Runs on the Jupyter kernel '{spec.Name}' ({spec.DisplayName}).", $"{spec.Language} code"));
    }

    public bool MayReplace(IMagic magic) => magic is JupyterMagic;

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var kernel in _kernels.Values)
            {
                kernel.Dispose();
            }

            _kernels.Clear();
        }
    }

    /// <summary>A kernel takes the name; one that had it before is ended.</summary>
    private JupyterMagic Attach(KernelHandle kernel, MagicSyntax syntax)
    {
        KernelHandle? before;
        lock (_lock)
        {
            _kernels.Remove(kernel.Name, out before);
            _kernels[kernel.Name] = kernel;
        }

        before?.Dispose();
        return new(kernel, syntax, input);
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CellFaultException(new("KDL116", $"The file '{path}' cannot be read: {exception.Message}"), exception);
        }
    }
}
