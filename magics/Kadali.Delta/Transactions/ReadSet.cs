namespace Kadali.Delta;

/// <summary>What a transaction has read, for telling whether another writer's commit is in its way.</summary>
internal sealed class ReadSet
{
    private readonly List<Func<AddFile, bool>> _predicates = [];
    private readonly HashSet<FileKey> _files = [];
    private readonly List<PrunedFiles> _unasked = [];
    private readonly HashSet<string> _applications = new(StringComparer.Ordinal);

    /// <summary>Whether all of the table was read.</summary>
    public bool WholeTable { get; private set; }

    /// <summary>Whether nothing of the table's rows was read: a blind append.</summary>
    public bool IsEmpty => !WholeTable && _predicates.Count == 0 && _files.Count == 0;

    /// <summary>The applications whose progress was asked for.</summary>
    public IReadOnlySet<string> Applications => _applications;

    public void ReadAll() => WholeTable = true;

    /// <summary>Says that files were chosen, and by what.</summary>
    public void Read(PrunedFiles files)
    {
        _predicates.Add(files.MayHold);
        if (files.Unasked)
        {
            _unasked.Add(files);
        }
        else
        {
            _files.UnionWith(files.Files.Select(file => file.Key));
        }
    }

    /// <summary>Says that these files were read.</summary>
    public void Read(IEnumerable<AddFile> files) => _files.UnionWith(files.Select(file => file.Key));

    public void ReadApplication(string id) => _applications.Add(id);

    /// <summary>Whether a file that another writer has added would have been read.</summary>
    public bool WouldRead(AddFile file) => WholeTable || _predicates.Any(predicate => predicate(file));

    /// <summary>Whether a file that another writer has removed was read.</summary>
    public bool HasRead(FileKey file) => WholeTable || _files.Contains(file)
        || _unasked.Any(files => files.Files.Any(read => read.Key == file && files.MayHold(read)));
}
