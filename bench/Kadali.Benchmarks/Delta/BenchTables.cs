using System.Globalization;
using System.Text;
using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>The tables that figures are measured on.</summary>
internal static class BenchTables
{
    /// <summary>Makes <c>plain_items</c> in DuckDB: the lineitem table, twenty times over, 6M rows.</summary>
    public static void Lineitem(DeltaLab lab, DeltaRun run) => lab.Duck.Execute(
        $"""
        CREATE TABLE plain_items AS SELECT l.* REPLACE (l_orderkey + 300000 * copy AS l_orderkey)
        FROM read_parquet('{run.Shared("data", "tpch", "lineitem.parquet")}') l, range({run.Pick(20, 1)}) r(copy)
        """,
        CancellationToken.None);

    /// <summary>Columns of five types, made of a range.</summary>
    public const string Reading =
        """
        range AS id, range / 7.0::DOUBLE AS value, 'reading ' || range AS label,
        TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(range) AS at, CAST(range % 1000 AS INTEGER) AS station
        """;

    /// <summary>A query that makes rows of five types.</summary>
    public static string Readings(int rows) => $"SELECT {Reading} FROM range({rows})";

    /// <summary>Makes a table of as many files, with the columns that an expression makes of a range.</summary>
    public static void InFiles(DeltaLab lab, string name, int files, int rows, string columns)
    {
        lab.Run($"CREATE TABLE {name} USING DELTA AS SELECT {columns} FROM range(0)");
        for (var i = 0; i < files; i++)
        {
            lab.Run($"INSERT INTO {name} SELECT {columns} FROM range({(long)rows * i / files}, {(long)rows * (i + 1) / files})");
        }

        if (lab.Snapshot(name).Files.Count != files)
        {
            throw new InvalidOperationException($"{name} has {lab.Snapshot(name).Files.Count} files, not {files}.");
        }
    }

    /// <summary>A table whose log names many files, which are not there.</summary>
    public static IDeltaStorage ManyFiles(DeltaLab lab, string name, int count)
    {
        var storage = lab.Storage(name);
        var schema = SchemaJson.Write(new([new("id", DeltaType.Long), new("name", DeltaType.String)]));
        var commit = new StringBuilder(Encoding.UTF8.GetString(ActionJson.Write(
        [
            new() { Protocol = new(1, 2) },
            new()
            {
                Metadata = new(
                    "many", new("parquet", new Dictionary<string, string>()), schema, [], new Dictionary<string, string>()),
            },
        ])));
        for (var i = 0; i < count; i++)
        {
            commit.Append(Add(i)).Append('\n');
        }

        Commit(storage, 0, commit.ToString());
        return storage;
    }

    /// <summary>Writes a commit file as it stands.</summary>
    public static void Commit(IDeltaStorage storage, int version, string lines) =>
        storage.TryWriteNew(LogFiles.Commit(version), Encoding.UTF8.GetBytes(lines), CancellationToken.None);

    /// <summary>The line of a log that adds one of the <see cref="ManyFiles"/>.</summary>
    public static string Add(int i)
    {
        var least = string.Create(CultureInfo.InvariantCulture, $$"""{\"id\":{{10 * i}},\"name\":\"a\"}""");
        var greatest = string.Create(CultureInfo.InvariantCulture, $$"""{\"id\":{{10 * i + 9}},\"name\":\"z\"}""");
        var stats = $$$"""
            "{\"numRecords\":10,\"minValues\":{{{least}}},\"maxValues\":{{{greatest}}},\"nullCount\":{\"id\":0,\"name\":0}}"
            """;
        return AddLine($"part-{i:D10}-0000000000000000.parquet", 1000 + i, stats);
    }

    /// <summary>The line of a log that adds a file.</summary>
    /// <param name="stats">A JSON text, in its quotes.</param>
    public static string AddLine(string path, long size, string stats) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""
        {"add":{"path":"{{{path}}}","partitionValues":{},"size":{{{size}}},"modificationTime":0,"dataChange":true,"stats":{{{stats}}}}}
        """);
}
