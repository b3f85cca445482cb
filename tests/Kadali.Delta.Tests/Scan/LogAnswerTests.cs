using DuckDB.NET.Data;
using Kadali.Delta.Tests.Acceptance;

namespace Kadali.Delta.Tests.Scan;

/// <summary>What the log answers is what a scan gives, with the same heading.</summary>
public sealed class LogAnswerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DeltaSession _session;
    private readonly PathTables _tables = new();
    private readonly DeltaExecutor _executor;

    public LogAnswerTests()
    {
        _connection.Open();
        _session = new(_connection);
        _session.DuckDb.Execute("SET TimeZone = 'UTC'", CancellationToken.None);
        _executor = new(_session, _tables);
    }

    public static TheoryData<string> Tables => [.. AcceptanceTables.Names];

    public void Dispose()
    {
        _session.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Every_table_is_counted_as_by_a_scan(string name)
    {
        // Some have a log alone, and files that are nowhere.
        if ((string)AcceptanceTables.Expected(name)["expect"]! != "rows")
        {
            return;
        }

        var table = $"delta.`{AcceptanceTables.Location(name)}`";
        var snapshot = _session.Log(new LocalStorage(AcceptanceTables.Location(name))).Update(CancellationToken.None);
        Same($"SELECT count(*) FROM {table}");
        foreach (var column in snapshot.PartitionColumns.Select(DuckDb.Name))
        {
            Same($"SELECT {column}, count(*) FROM {table} GROUP BY {column}");
            Same($"SELECT count(*) AS n, min({column}), max({column}) FROM {table} WHERE {column} IS NOT NULL");
        }

        foreach (var field in snapshot.Schema.Fields.Where(field => field.Type is DeltaType.Primitive { Name: not ("variant" or "void") }))
        {
            Same($"SELECT count(*), min({DuckDb.Name(field.Name)}) AS least, max({DuckDb.Name(field.Name)}) AS most FROM {table}");
        }
    }

    [Theory]
    [InlineData("SELECT count(*) FROM {t}", true)]
    [InlineData("SELECT COUNT(*) n, max(d) AS m FROM {t} AS x WHERE x.p IN ('a', 'b') AND NOT p = 'b'", true)]
    [InlineData("select p, count(*) from {t} group by p order by count(*) desc, p limit 1", true)]
    [InlineData("SELECT q, p, count(*) AS c FROM {t} WHERE q > DATE '2024-01-01' OR q IS NULL GROUP BY ALL", false)]
    [InlineData("SELECT q, p, count(*) AS c FROM {t} WHERE q > DATE '2024-01-01' OR q IS NULL GROUP BY q, p", true)]
    [InlineData("SELECT min(q), max(q) FROM {t} WHERE p LIKE 'a%'", true)]
    [InlineData("SELECT min(id) AS a, max(id) AS b, min(d) AS c FROM {t}", true)]
    [InlineData("SELECT p, min(id) AS a FROM {t} GROUP BY p", true)]
    [InlineData("SELECT count(*) FROM {t} WHERE p = 'nowhere'", true)]
    [InlineData("SELECT p, count(*) FROM {t} WHERE p = 'nowhere' GROUP BY p", true)]
    [InlineData("SELECT min(id) FROM {t}", false)]
    [InlineData("SELECT count(*) FROM {t} WHERE id > 1", false)]
    [InlineData("SELECT count(id) FROM {t}", false)]
    [InlineData("SELECT count(DISTINCT p) FROM {t}", false)]
    [InlineData("SELECT count(*) FILTER (WHERE p = 'a') FROM {t}", false)]
    [InlineData("SELECT count(*) OVER () FROM {t}", false)]
    [InlineData("SELECT count(*) + 1 FROM {t}", false)]
    [InlineData("SELECT max(name) AS m FROM {t}", false)]
    [InlineData("SELECT max(x) AS m FROM {t}", false)]
    [InlineData("SELECT max(ts) AS m FROM {t}", false)]
    [InlineData("SELECT count(*) FROM {t} a, range(2)", false)]
    [InlineData("SELECT count(*) FROM {t} UNION ALL SELECT 1", false)]
    [InlineData("SELECT count(*) FROM (SELECT DISTINCT p FROM {t})", false)]
    [InlineData("SELECT count(*) FROM {t} WHERE upper(p) = 'A'", false)]
    [InlineData("SELECT p FROM {t}", false)]
    public void Only_what_the_log_knows_for_certain_is_answered_from_it(string query, bool answers)
    {
        var table = Make("t");

        Assert.Equal(answers, !Sql(query.Replace("{t}", table, StringComparison.Ordinal)).Contains("read_parquet",
            StringComparison.Ordinal));
        Same(query.Replace("{t}", table, StringComparison.Ordinal));
    }

    [Fact]
    public void Deleted_rows_are_not_counted_and_bounds_are_no_values_then()
    {
        var table = Make("t");
        Run($"DELETE FROM {table} WHERE id IN (0, 3, 5) OR p = 'b'");

        Same($"SELECT count(*) FROM {table}");
        Same($"SELECT p, count(*) FROM {table} GROUP BY p");
        Assert.DoesNotContain("read_parquet", Sql($"SELECT count(*) FROM {table}"), StringComparison.Ordinal);
        Assert.Contains("read_parquet", Sql($"SELECT min(id) AS m FROM {table}"), StringComparison.Ordinal);
        Same($"SELECT min(id) AS m FROM {table}");
        Same($"SELECT count(*) FROM {table} VERSION AS OF 1");
    }

    [Fact]
    public void Files_that_do_not_say_how_many_rows_they_have_are_read()
    {
        var table = Make("t");
        var log = _folder["t/_delta_log/00000000000000000001.json"];
        File.WriteAllText(log, File.ReadAllText(log).Replace("numRecords", "rows", StringComparison.Ordinal));
        _session.Forget(new LocalStorage(_folder["t"]));
        File.Delete(_folder["t/_delta_log/00000000000000000001.crc"]);

        Assert.Contains("read_parquet", Sql($"SELECT count(*) FROM {table}"), StringComparison.Ordinal);
        Same($"SELECT count(*) FROM {table}");
    }

    private string Make(string name)
    {
        var table = $"delta.`{_folder[name]}`";
        Run($"""
            CREATE TABLE {table} (id INT, name STRING, d DATE, ts TIMESTAMP, x DOUBLE, p STRING, q DATE) USING DELTA PARTITIONED BY (p, q)
            TBLPROPERTIES ('delta.columnMapping.mode' = 'name')
            """);
        Run($"""
            INSERT INTO {table} SELECT CASE WHEN range > 7 THEN NULL ELSE range END, 'n' || range, DATE '2024-01-01' + range::INT,
                TIMESTAMP '2024-01-01 00:00:00.123456', CASE WHEN range = 1 THEN 'NaN'::DOUBLE ELSE range END,
                ['a', 'b', NULL][range % 3 + 1], CASE WHEN range < 5 THEN DATE '2024-02-01' END FROM range(10)
            """);
        return table;
    }

    private void Run(string sql) => _executor.Execute(DeltaSqlParser.Parse(sql), CancellationToken.None);

    private string Sql(string query)
    {
        using var bound = new QueryBinder(_session, _tables).Bind(query, null, CancellationToken.None);
        return bound.Sql;
    }

    /// <summary>The answer is that of the same query over a copy of the rows, which no log knows.</summary>
    private void Same(string query)
    {
        var from = TableReferences.Find(query)[0];
        using var rows = new QueryBinder(_session, _tables).Bind($"SELECT * FROM {query[from.Start..from.End]}", null,
            CancellationToken.None);
        _session.DuckDb.Execute($"CREATE OR REPLACE TEMP TABLE scanned AS {rows.Sql}", CancellationToken.None);
        using var bound = new QueryBinder(_session, _tables).Bind(query, null, CancellationToken.None);

        Assert.Equal(Rows(Backticks.ToDoubleQuotes(query[..from.Start] + "scanned" + query[from.End..])), Rows(bound.Sql));
    }

    /// <summary>Headings with types, then rows in order of their text.</summary>
    private string[] Rows(string sql)
    {
        string[] heading = [];
        var rows = _session.DuckDb.Query(
            sql,
            reader =>
            {
                heading = [.. Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetName(i)} {reader.GetDataTypeName(i)}")];
                return string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i =>
                    reader.IsDBNull(i) ? "-" : Text(reader.GetValue(i))));
            },
            CancellationToken.None);
        return [.. heading, .. rows.Order(StringComparer.Ordinal)];
    }

    private static string Text(object value) => value switch
    {
        Stream stream => Convert.ToHexString(new BinaryReader(stream).ReadBytes((int)stream.Length)),
        System.Collections.IEnumerable list and not string => string.Join(',', list.Cast<object>()),
        _ => value.ToString()!,
    };
}
