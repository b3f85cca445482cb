using System.Buffers;
using System.Text.Json;

namespace Kadali.Delta;

/// <summary>
/// The lines of a commit. File actions, of which there can be hundreds of thousands, are only found and named here and decoded when
/// somebody asks for one; the others are decoded at once.
/// </summary>
internal sealed class LogLines
{
    private readonly byte[] _content;
    private readonly List<Line> _files = [];
    private readonly List<SingleAction> _others = [];

    private LogLines(byte[] content) => _content = content;

    /// <param name="Key">What the action is about.</param>
    /// <param name="IsAdd">Whether it adds the file or removes it.</param>
    public readonly record struct Line(FileKey Key, bool IsAdd, int Start, int Length);

    /// <summary>Adds and removes in the order of the file.</summary>
    public IReadOnlyList<Line> Files => _files;

    /// <summary>All other actions but <c>cdc</c>.</summary>
    public IReadOnlyList<SingleAction> Others => _others;

    /// <summary>Reads a commit or a checkpoint in JSON.</summary>
    /// <param name="name">The file's name, for errors.</param>
    /// <exception cref="DeltaException">A line is no JSON.</exception>
    public static LogLines Read(byte[] content, string name)
    {
        var lines = new LogLines(content);
        var number = 0;
        for (var start = 0; start < content.Length;)
        {
            number++;
            var length = content.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? content.Length - start : length;
            var line = content.AsSpan(start, length).Trim(" \t\r"u8);
            if (line.Length > 0)
            {
                try
                {
                    lines.Add(line, start + content.AsSpan(start, length).IndexOf(line[0]));
                }
                catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
                {
                    throw new DeltaException(
                        DeltaErrorKind.Corrupt, $"'{name}' is damaged: line {number} is no action of a Delta log.",
                        "A commit is written whole or not at all, so it was cut or changed later; versions before it can be read.",
                        exception);
                }
            }

            start += length + 1;
        }

        return lines;
    }

    public AddFile Add(Line line) => ActionJson.Read(_content.AsSpan(line.Start, line.Length))!.Add!;

    public RemoveFile Remove(Line line) => ActionJson.Read(_content.AsSpan(line.Start, line.Length))!.Remove!;

    /// <summary>What the statistics of an added file say of a column.</summary>
    public ValueRange Range(Line line, ScanColumn column)
    {
        var reader = new Utf8JsonReader(_content.AsSpan(line.Start, line.Length));
        while (reader.Read())
        {
            // The object of the line, its one field, and the fields of the action.
            if (reader.CurrentDepth == 2 && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStats = reader.ValueTextEquals("stats"u8);
                reader.Read();
                if (isStats && reader.TokenType == JsonTokenType.String)
                {
                    var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
                    try
                    {
                        return FileStatistics.Range(buffer.AsSpan(0, reader.CopyString(buffer)), column);
                    }
                    finally
                    {
                        ArrayPool<byte>.Shared.Return(buffer);
                    }
                }

                reader.Skip();
            }
        }

        return ValueRange.Unknown;
    }

    private void Add(ReadOnlySpan<byte> line, int start)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read())
        {
            throw new JsonException("An action is an object.");
        }

        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            var isAdd = reader.ValueTextEquals("add"u8);
            if ((isAdd || reader.ValueTextEquals("remove"u8)) && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                _files.Add(new(Key(ref reader), isAdd, start, line.Length));
                reader.Read();
                if (reader.TokenType != JsonTokenType.EndObject)
                {
                    throw new JsonException("A line holds one action.");
                }

                return;
            }

            if (reader.ValueTextEquals("cdc"u8))
            {
                return;
            }
        }

        if (ActionJson.Read(line) is { } action)
        {
            _others.Add(action);
        }
    }

    /// <summary>The key of the file action whose object begins here; the reader stands at its end afterwards.</summary>
    private static FileKey Key(ref Utf8JsonReader reader)
    {
        string? path = null;
        string? vector = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("path"u8))
            {
                reader.Read();
                path = reader.GetString();
            }
            else if (reader.ValueTextEquals("deletionVector"u8) && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                vector = VectorId(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return new(path ?? throw new JsonException("A file action has no path."), vector);
    }

    private static string VectorId(ref Utf8JsonReader reader)
    {
        string? type = null;
        string? path = null;
        int? offset = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isType, isPath, isOffset) =
                (reader.ValueTextEquals("storageType"u8), reader.ValueTextEquals("pathOrInlineDv"u8), reader.ValueTextEquals("offset"u8));
            reader.Read();
            if (isType)
            {
                type = reader.GetString();
            }
            else if (isPath)
            {
                path = reader.GetString();
            }
            else if (isOffset && reader.TokenType == JsonTokenType.Number)
            {
                offset = reader.GetInt32();
            }
            else
            {
                reader.Skip();
            }
        }

        return new DeletionVectorDescriptor(type ?? "", path ?? "", offset, 0, 0).UniqueId;
    }
}
