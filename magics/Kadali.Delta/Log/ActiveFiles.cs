using System.Collections;

namespace Kadali.Delta;

/// <summary>The files of one version, in no order that means anything. Never changes.</summary>
internal sealed class ActiveFiles : IReadOnlyCollection<AddFile>
{
    // Commits of a few files each are joined when there are so many of them.
    private const int MostBlocks = 64;

    // So few files are kept as they were made, since a query asks for them several times.
    private const int MostKept = 64;

    private readonly Part[] _parts;
    private Dictionary<FileKey, (int Part, int Index)>? _index;
    private AddFile[]? _kept;

    private ActiveFiles(Part[] parts, Dictionary<FileKey, (int Part, int Index)>? index)
    {
        (_parts, _index) = (parts, index);
        Count = parts.Sum(part => part.Block.Count - part.DeadCount);
    }

    /// <param name="Dead">Which of the block's files are gone; null where none is.</param>
    private sealed record Part(FileBlock Block, BitArray? Dead, int DeadCount);

    public static ActiveFiles None { get; } = new([], null);

    public int Count { get; }

    public static ActiveFiles Of(IEnumerable<FileBlock> blocks) =>
        new([.. blocks.Where(block => block.Count > 0).Select(block => new Part(block, null, 0))], null);

    public IEnumerator<AddFile> GetEnumerator() =>
        Count > MostKept ? Made().GetEnumerator() : (_kept ??= [.. Made()]).AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerable<AddFile> Made()
    {
        foreach (var part in _parts)
        {
            for (var i = 0; i < part.Block.Count; i++)
            {
                if (part.Dead is not { } dead || !dead[i])
                {
                    yield return part.Block.Add(i);
                }
            }
        }
    }

    /// <summary>The files that pass a test.</summary>
    /// <param name="test">Gives for a block a test of a file's place in it.</param>
    public IReadOnlyCollection<AddFile> Where(Func<FileBlock, Func<int, bool>> test)
    {
        var found = new List<AddFile>();
        foreach (var (block, dead, _) in _parts)
        {
            var passes = test(block);
            for (var i = 0; i < block.Count; i++)
            {
                if (dead?[i] is not true && passes(i))
                {
                    found.Add(block.Add(i));
                }
            }
        }

        return found;
    }

    /// <summary>The files after a commit. The cost is that of the commit, not of the table, but for the first time.</summary>
    public ActiveFiles After(LogLines commit)
    {
        var adds = commit.Files.Where(line => line.IsAdd).ToArray();
        if (commit.Files.Count == 0)
        {
            return this;
        }

        // The index moves on with the newest version. An add replaces an earlier one of its key: Spark writes that when it has new
        // statistics.
        var index = Interlocked.Exchange(ref _index, null) ?? BuildIndex();
        var parts = Without(commit.Files.Select(line => line.Key).ToHashSet(), index);
        if (adds.Length > 0)
        {
            parts = [.. parts, new(new FileBlock.OfCommit(commit, adds), null, 0)];
            Enter(parts, parts.Length - 1, index);
        }

        if (parts.Length > MostBlocks)
        {
            parts = Join(parts);
            Enter(parts, parts.Length - 1, index);
        }

        return new(parts, index);
    }

    private Part[] Without(HashSet<FileKey> removed, Dictionary<FileKey, (int Part, int Index)> index)
    {
        var parts = (Part[])_parts.Clone();
        foreach (var group in removed.Where(index.ContainsKey).Select(key => (Key: key, Place: index[key]))
            .GroupBy(item => item.Place.Part))
        {
            var part = parts[group.Key];
            var dead = part.Dead is null ? new BitArray(part.Block.Count) : new BitArray(part.Dead);
            var count = part.DeadCount;
            foreach (var (key, place) in group)
            {
                count += dead[place.Index] ? 0 : 1;
                dead[place.Index] = true;
                index.Remove(key);
            }

            parts[group.Key] = new(part.Block, dead, count);
        }

        return parts;
    }

    private Dictionary<FileKey, (int Part, int Index)> BuildIndex()
    {
        var index = new Dictionary<FileKey, (int Part, int Index)>(Count);
        for (var p = 0; p < _parts.Length; p++)
        {
            Enter(_parts, p, index);
        }

        return index;
    }

    private static void Enter(Part[] parts, int part, Dictionary<FileKey, (int Part, int Index)> index)
    {
        var (block, dead, _) = parts[part];
        for (var i = 0; i < block.Count; i++)
        {
            if (dead is null || !dead[i])
            {
                index[block.Key(i)] = (part, i);
            }
        }
    }

    /// <summary>Joins the small parts at the end, so that a part is at least about as large as all after it.</summary>
    private static Part[] Join(Part[] parts)
    {
        var first = parts.Length - 1;
        var alive = parts[first].Block.Count - parts[first].DeadCount;
        while (first > 0 && (parts.Length - first < MostBlocks / 2 || parts[first - 1].Block.Count <= 2 * alive))
        {
            first--;
            alive += parts[first].Block.Count - parts[first].DeadCount;
        }

        var joined = new ActiveFiles(parts[first..], null);
        return [.. parts[..first], new(new FileBlock.OfActions([.. joined]), null, 0)];
    }
}
