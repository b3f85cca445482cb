namespace Kadali.Delta;

/// <summary>Files of the table that came from one place of the log. They are made when asked for, since there can be many.</summary>
internal abstract class FileBlock
{
    public abstract int Count { get; }

    public abstract FileKey Key(int index);

    public abstract AddFile Add(int index);

    /// <summary>Files of a commit.</summary>
    public sealed class OfCommit(LogLines lines, IReadOnlyList<LogLines.Line> files) : FileBlock
    {
        public override int Count => files.Count;

        public override FileKey Key(int index) => files[index].Key;

        public override AddFile Add(int index) => lines.Add(files[index]);
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
    }
}
