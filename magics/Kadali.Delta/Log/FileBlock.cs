using System.Collections.Concurrent;

namespace Kadali.Delta;

/// <summary>Files of the table that came from one place of the log. They are made when asked for, since there can be many.</summary>
internal abstract class FileBlock
{
    // Ranges that are kept: some 70 bytes each.
    private const int MostRanges = 2_000_000;

    private readonly ConcurrentDictionary<(string Path, DeltaType Type, bool IsPartition), ValueRange[]> _ranges = new();

    public abstract int Count { get; }

    public abstract FileKey Key(int index);

    public abstract AddFile Add(int index);

    /// <summary>
    /// What is known of a column's values in each file. Kept: the next query asks for the same columns, and to read statistics costs much
    /// more than to compare them.
    /// </summary>
    /// <param name="isPartition">Whether partition values say it rather than statistics.</param>
    public IReadOnlyList<ValueRange> Ranges(ScanColumn column, bool isPartition)
    {
        var key = (column.Path, column.Type, isPartition);
        if (!_ranges.TryGetValue(key, out var ranges))
        {
            ranges = isPartition ? ReadPartitions(column) : ReadStatistics(column);
            if ((_ranges.Count + 1L) * Count > MostRanges)
            {
                _ranges.Clear();
            }

            _ranges.TryAdd(key, ranges);
        }

        return ranges;
    }

    protected virtual ValueRange[] ReadPartitions(ScanColumn column)
    {
        var ranges = new ValueRange[Count];
        for (var i = 0; i < ranges.Length; i++)
        {
            ranges[i] = PartitionValue.Range(Add(i), column);
        }

        return ranges;
    }

    protected virtual ValueRange[] ReadStatistics(ScanColumn column)
    {
        var ranges = new ValueRange[Count];
        for (var i = 0; i < ranges.Length; i++)
        {
            ranges[i] = FileStatistics.Range(Add(i).Stats, column);
        }

        return ranges;
    }

    /// <summary>Files of a commit.</summary>
    public sealed class OfCommit(LogLines lines, IReadOnlyList<LogLines.Line> files) : FileBlock
    {
        public override int Count => files.Count;

        public override FileKey Key(int index) => files[index].Key;

        public override AddFile Add(int index) => lines.Add(files[index]);

        protected override ValueRange[] ReadStatistics(ScanColumn column)
        {
            var ranges = new ValueRange[files.Count];
            for (var i = 0; i < ranges.Length; i++)
            {
                ranges[i] = lines.Range(files[i], column);
            }

            return ranges;
        }
    }

    /// <summary>Files that are at hand.</summary>
    public sealed class OfActions(IReadOnlyList<AddFile> files) : FileBlock
    {
        public override int Count => files.Count;

        public override FileKey Key(int index) => files[index].Key;

        public override AddFile Add(int index) => files[index];
    }

    /// <summary>Some files of another block.</summary>
    public sealed class Part(FileBlock block, int[] places) : FileBlock
    {
        public override int Count => places.Length;

        public override FileKey Key(int index) => block.Key(places[index]);

        public override AddFile Add(int index) => block.Add(places[index]);

        protected override ValueRange[] ReadPartitions(ScanColumn column) => Some(block.Ranges(column, isPartition: true));

        protected override ValueRange[] ReadStatistics(ScanColumn column) => Some(block.Ranges(column, isPartition: false));

        private ValueRange[] Some(IReadOnlyList<ValueRange> all) => Array.ConvertAll(places, place => all[place]);
    }
}
