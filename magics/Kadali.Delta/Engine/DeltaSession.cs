using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// What table operations share: a DuckDB connection, the logs of the tables that were opened, deletion vectors. All of it is used on one
/// thread; DuckDB itself computes on as many as it likes.
/// </summary>
internal sealed class DeltaSession : IDisposable
{
    private readonly Dictionary<string, DeltaLog> _logs = new(StringComparer.Ordinal);
    private string? _scratch;
    private string? _standIn;

    public DeltaSession(DuckDBConnection connection)
    {
        DuckDb = new(connection);
        RowSets = new(DuckDb);
        ZOrderBuckets = new(DuckDb);
        FileColumns = new(DuckDb);

        // Data files never change, and the next query reads the same ones: their footers are kept. DuckDB still asks each file for its
        // time.
        DuckDb.Execute("SET parquet_metadata_cache = true", CancellationToken.None);
    }

    public DuckDb DuckDb { get; }

    public RowSets RowSets { get; }

    public ZOrderBuckets ZOrderBuckets { get; }

    public FileColumns FileColumns { get; }

    /// <summary>The time; tests set another.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The log of a table; the same one each time, so that it is only moved on.</summary>
    public DeltaLog Log(IDeltaStorage storage)
    {
        if (!_logs.TryGetValue(storage.Root, out var log))
        {
            _logs.Add(storage.Root, log = new(storage, DuckDb));
        }

        return log;
    }

    /// <summary>What is done by itself when a version was committed: none of it can fail the commit.</summary>
    public void AfterCommit(IDeltaStorage storage, CommitLoop.Result commit, CancellationToken cancellationToken)
    {
        var log = Log(storage);
        if (LogUpkeep.AfterCommit(log, commit, Scratch, Time.GetUtcNow(), cancellationToken) is { } undone)
        {
            log.Complaints.Add(undone);
        }
    }

    /// <summary>Forgets what is known of a table's log.</summary>
    public void Forget(IDeltaStorage storage) => _logs.Remove(storage.Root);

    /// <summary>A Parquet file with one row and no column of any table, for plans.</summary>
    public string StandInFile(CancellationToken cancellationToken)
    {
        if (_standIn is null || !File.Exists(_standIn))
        {
            var file = Path.Combine(Scratch, "stand-in.parquet");
            DuckDb.Execute($"COPY (SELECT 1 AS nothing) TO {DuckDb.Text(file)} (FORMAT parquet)", cancellationToken);
            _standIn = file;
        }

        return _standIn;
    }

    /// <summary>A folder of this session, for files that are gone with it.</summary>
    public string Scratch => _scratch ??= Directory.CreateTempSubdirectory("kadali-delta-").FullName;

    public void Dispose()
    {
        if (_scratch is not null && Directory.Exists(_scratch))
        {
            Directory.Delete(_scratch, recursive: true);
        }
    }
}
