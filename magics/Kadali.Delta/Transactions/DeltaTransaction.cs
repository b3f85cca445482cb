using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// A change of a table in the making: what it has read, what it will write. Nothing can be seen of it before <see cref="Commit"/>, and
/// nothing is left of it if that fails but files that VACUUM removes.
/// </summary>
internal sealed class DeltaTransaction : IDisposable
{
    private readonly DeltaSession _session;
    private readonly List<SingleAction> _actions = [];
    private bool _keepsFiles;

    /// <param name="snapshot">What the change is based on; null where the table is to be made.</param>
    public DeltaTransaction(DeltaSession session, IDeltaStorage storage, Snapshot? snapshot)
    {
        (_session, Storage, Snapshot) = (session, storage, snapshot);
        if (snapshot is not null)
        {
            ProtocolChecker.CheckWrite(snapshot.Location, snapshot.Protocol);
        }

        Writer = new(session, storage);
        Timestamp = session.Time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    public IDeltaStorage Storage { get; }

    public Snapshot? Snapshot { get; }

    public DataFileWriter Writer { get; }

    /// <summary>Milliseconds since 1970 UTC, for tombstones.</summary>
    public long Timestamp { get; }

    /// <summary>Metadata that the commit will set, or null.</summary>
    public Metadata? NewMetadata { get; private set; }

    /// <summary>The protocol that the commit will set, or null.</summary>
    public Protocol? NewProtocol { get; private set; }

    /// <summary>The metadata that the table has after this.</summary>
    public Metadata Metadata => NewMetadata ?? Snapshot?.Metadata ?? throw new InvalidOperationException("The table has no metadata yet.");

    public Protocol? Protocol => NewProtocol ?? Snapshot?.Protocol;

    /// <summary>Whether rows are only laid elsewhere, so that readers of changes need not look at this.</summary>
    public bool RearrangesOnly { get; init; }

    public ReadSet Reads { get; } = new();

    public IReadOnlyList<SingleAction> Actions => _actions;

    /// <summary>Figures of the operation, for the history.</summary>
    public Dictionary<string, long> Metrics { get; } = [];

    /// <summary>Sets the table's metadata, and whatever protocol it asks for.</summary>
    public void SetMetadata(Metadata metadata)
    {
        NewMetadata = metadata;
        SetProtocol(ProtocolUpgrade.For(Protocol, metadata));
    }

    public void SetProtocol(Protocol? protocol)
    {
        if (protocol is not null && protocol != Protocol)
        {
            NewProtocol = protocol;
        }
    }

    public void Add(AddFile file) => _actions.Add(new() { Add = file });

    public void AddAll(IEnumerable<AddFile> files) => _actions.AddRange(files.Select(file => new SingleAction { Add = file }));

    public void Remove(AddFile file, bool dataChange = true) => _actions.Add(new() { Remove = file.Remove(Timestamp, dataChange) });

    public void AddChanges(IEnumerable<AddFile> files) => _actions.AddRange(files.Select(file => new SingleAction
    {
        Cdc = new(file.Path, file.PartitionValues, file.Size),
    }));

    public void Set(SetTransaction transaction) => _actions.Add(new() { Txn = transaction });

    public void Set(DomainMetadata domain) => _actions.Add(new() { DomainMetadata = domain });

    /// <summary>Makes the change visible, as the next version.</summary>
    /// <param name="operation">As Spark names it, for instance <c>MERGE</c>.</param>
    /// <param name="parameters">What was asked, as Spark writes it.</param>
    /// <returns>The version.</returns>
    /// <exception cref="DeltaConflictException">Another writer has changed what this one has read. Nothing was written.</exception>
    public long Commit(string operation, JsonObject parameters, CancellationToken cancellationToken)
    {
        CommitLoop.Result result;
        try
        {
            _keepsFiles = true;
            result = Committer.Commit(_session, this, operation, parameters, cancellationToken);
        }
        catch (Exception exception) when (exception is DeltaConflictException or OperationCanceledException)
        {
            // Of these alone is it certain that the commit is not there.
            _keepsFiles = false;
            throw;
        }

        _session.AfterCommit(Storage, result, cancellationToken);
        return result.Version;
    }

    /// <summary>Removes the files that were written for this, if no commit names them.</summary>
    public void Dispose()
    {
        if (!_keepsFiles)
        {
            Writer.Discard();
        }
    }
}
