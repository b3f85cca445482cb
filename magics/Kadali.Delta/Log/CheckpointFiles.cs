namespace Kadali.Delta;

/// <summary>
/// The live files of a Parquet file of a checkpoint. Their names are at hand; the rest is read once it is asked for, of all files at once.
/// </summary>
/// <param name="vectors">Deletion vectors, by a file's place.</param>
/// <param name="rows">The row of each file in the checkpoint, ascending or not: DuckDB may have been told to forget about order.</param>
internal sealed class CheckpointFiles(
    ParquetActions source, bool isPartitioned, string[] paths, long[] sizes, IReadOnlyDictionary<int, DeletionVectorDescriptor> vectors,
    long[] rows) : FileBlock
{
    private readonly Lock _lock = new();
    private Dictionary<long, int>? _places;
    private Detail[]? _details;
    private (string? Stats, IReadOnlyDictionary<string, string>? Tags)[]? _statistics;

    /// <summary>What a file has besides a name and a size.</summary>
    public readonly record struct Detail(
        long ModificationTime, long? BaseRowId, long? DefaultRowCommitVersion, string? ClusteringProvider,
        IReadOnlyDictionary<string, string?> PartitionValues);

    public override int Count => paths.Length;

    public override FileKey Key(int index) => new(paths[index], vectors.GetValueOrDefault(index)?.UniqueId);

    public override AddFile Add(int index)
    {
        var detail = Details()[index];
        return new(paths[index], detail.PartitionValues, sizes[index], detail.ModificationTime, DataChange: false)
        {
            DeletionVector = vectors.GetValueOrDefault(index), BaseRowId = detail.BaseRowId,
            DefaultRowCommitVersion = detail.DefaultRowCommitVersion, ClusteringProvider = detail.ClusteringProvider,
            Sources = (() => Statistics()[index].Stats, () => Statistics()[index].Tags),
        };
    }

    protected override ValueRange[] ReadStatistics(ScanColumn column)
    {
        lock (_lock)
        {
            var ranges = new ValueRange[Count];
            if (!source.TryRanges(column, (row, range) => ranges[Place(row)] = range))
            {
                var statistics = Statistics();
                for (var i = 0; i < ranges.Length; i++)
                {
                    ranges[i] = FileStatistics.Range(statistics[i].Stats, column);
                }
            }

            return ranges;
        }
    }

    private Detail[] Details()
    {
        lock (_lock)
        {
            if (_details is null)
            {
                var details = new Detail[Count];
                source.Details(isPartitioned, (row, detail) => details[Place(row)] = detail);
                _details = details;
            }

            return _details;
        }
    }

    private (string? Stats, IReadOnlyDictionary<string, string>? Tags)[] Statistics()
    {
        lock (_lock)
        {
            if (_statistics is null)
            {
                var statistics = new (string? Stats, IReadOnlyDictionary<string, string>? Tags)[Count];
                source.Statistics((row, stats, tags) => statistics[Place(row)] = (stats, tags));
                _statistics = statistics;
            }

            return _statistics;
        }
    }

    /// <summary>The place of the file that stands in a row of the checkpoint.</summary>
    private int Place(long row)
    {
        if (_places is null)
        {
            _places = new(rows.Length);
            for (var i = 0; i < rows.Length; i++)
            {
                _places.Add(rows[i], i);
            }
        }

        return _places[row];
    }
}
