using System.Globalization;

namespace Kadali.Delta.Spark.Tests;

/// <summary>Spark leaves out files by the statistics that Kadali wrote: the right ones, and no others.</summary>
public sealed class StatisticsTests(SparkServer server) : IDisposable
{
    // Of each type six values in rising order: two are the bounds of a file each.
    private static readonly (string Name, string Type, string[] Values)[] Columns =
    [
        ("i1", "TINYINT", ["-128", "-1", "0", "1", "100", "127"]),
        ("i2", "SMALLINT", ["-32768", "-1", "0", "1", "100", "32767"]),
        ("i4", "INT", ["-2147483648", "-1", "0", "1", "100", "2147483647"]),
        ("i8", "BIGINT", ["-9223372036854775808", "-1", "0", "9007199254740993", "9007199254740995", "9223372036854775807"]),
        ("f", "FLOAT", ["-3.4e38", "-0.1", "0.1", "0.3", "16777216", "3.4e38"]),
        ("d", "DOUBLE", ["-1.7e308", "-0.1", "0.1", "0.30000000000000004", "1e22", "1.7e308"]),
        ("n", "DECIMAL(20,3)", ["-99999999999999999.999", "-0.001", "0.000", "0.001", "12345678901234567.891", "99999999999999999.999"]),
        ("day", "DATE", ["0001-01-01", "1582-10-04", "1969-12-31", "1970-01-01", "2020-02-29", "9999-12-31"]),
        ("time", "TIMESTAMP",
            [
                "1900-01-01 00:00:00", "1969-12-31 23:59:59.999999", "1970-01-01 00:00:00.000001", "2020-01-01 00:00:00.123456",
                "2020-01-01 00:00:00.999999",
                "2200-01-01 00:00:00.5",
            ]),
        ("local", "TIMESTAMP_NTZ",
            [
                "0001-01-01 00:00:00", "1969-12-31 23:59:59.999999", "1970-01-01 00:00:00.000001", "2020-01-01 00:00:00.123456",
                "2020-01-01 00:00:00.999999",
                "9999-12-31 23:59:59.999999",
            ]),
        ("s", "STRING",
            ["", "A", "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm", "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmz",
                "ééééééééééééééééééééééééééééééééééééééé", "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂"]),
    ];

    private readonly Both _both = new(server);

    public void Dispose() => _both.Dispose();

    [Fact]
    public async Task Bounds_of_all_types_choose_the_right_files()
    {
        var files = await MakeAsync();
        foreach (var (name, type, values) in Columns)
        {
            string[] conditions =
            [
                .. new[] { 1, 2, 3, 4 }.SelectMany(i =>
                    new[] { "=", "<=", ">", ">=" }.Select(sign => $"{name} {sign} {Literal(type, values[i])}")),
                $"{name} IS NULL", $"{name} BETWEEN {Literal(type, values[1])} AND {Literal(type, values[2])}",
            ];
            var query = string.Join(
                " UNION ALL ", conditions.Select((condition, i) => $"SELECT {i} AS i, count(id) AS n FROM {{t}} WHERE {condition}"));

            int[] expected =
            [
                .. new[] { 1, 2, 3, 4 }.SelectMany(i => new[] { 1, i + 1, 5 - i, 6 - i }), 1, 2,
            ];
            await _both.SameAsync(query, Duck(query));
            Assert.Equal(
                expected.Select((n, i) => string.Create(CultureInfo.InvariantCulture, $"{i}|{n}")).Order(StringComparer.Ordinal),
                (await _both.SparkAsync(query))[1..]);
        }

        // What is left out need not be there.
        var hidden = files[2] + ".hidden";
        File.Move(files[2], hidden);
        var pruned = string.Join(" UNION ALL ", Columns.Select(column =>
            $"SELECT '{column.Name}' AS c, max(id) AS n FROM {{t}} WHERE {column.Name} <= {Literal(column.Type, column.Values[3])}"));
        Assert.Equal(Columns.Select(column => $"'{column.Name}'|4").Order(StringComparer.Ordinal),
            await _both.SameAsync(pruned, Duck(pruned)));
        File.Move(hidden, files[2]);
    }

    [Fact]
    public async Task Bounds_of_nested_renamed_and_missing_values_choose_the_right_files()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, s STRUCT<a: INT, b: STRUCT<c: STRING>>, d DOUBLE, l ARRAY<INT>) USING DELTA TBLPROPERTIES "
                + "('delta.columnMapping.mode' = 'name')",
            
            "INSERT INTO {t} VALUES (1, {'a': 1, 'b': {'c': 'x'}}, 1, [1]), (2, {'a': 2, 'b': NULL}, CAST('NaN' AS DOUBLE), [])",
            "INSERT INTO {t} VALUES (3, NULL, NULL, NULL), (4, {'a': NULL, 'b': {'c': NULL}}, NULL, NULL)",
            "INSERT INTO {t} VALUES (5, {'a': 5, 'b': {'c': 'z'}}, -0.0, NULL)",
            "ALTER TABLE {t} RENAME COLUMN s TO r", "ALTER TABLE {t} RENAME COLUMN r.a TO q", "ALTER TABLE {t} ADD COLUMN e INT",
            "INSERT INTO {t} VALUES (6, {'q': 6, 'b': {'c': 'y'}}, 0.0, NULL, 6)");

        await _both.SeeAsync("SELECT id FROM {t} WHERE r.q >= 5", "5", "6");
        await _both.SeeAsync("SELECT id FROM {t} WHERE r.b.c = 'x'", "1");
        await _both.SeeAsync("SELECT id FROM {t} WHERE d > 1", "2");
        await _both.SeeAsync("SELECT id FROM {t} WHERE d = 0", "5", "6");
        await _both.SeeAsync("SELECT id FROM {t} WHERE e IS NULL AND r.q IS NULL", "3", "4");
        await _both.SeeAsync("SELECT id FROM {t} WHERE e = 6", "6");
    }

    [Fact]
    public async Task Few_columns_and_short_texts_have_statistics_where_the_table_says_so()
    {
        await _both.RunAsync(
            """
            CREATE TABLE {t} (a INT, none INT, s STRING) USING DELTA
            TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'a,s', 'delta.dataSkippingStringPrefixLength' = '3')
            """,
            "INSERT INTO {t} VALUES (1, 1, 'aaaa'), (2, 2, 'aaab')", "spark: INSERT INTO {t} VALUES (3, 3, 'aaac'), (4, 4, 'aaad')",
            "INSERT INTO {t} VALUES (5, 5, 'b')");

        await _both.SeeAsync("SELECT a FROM {t} WHERE s > 'aaaa' AND none < 4", "2", "3");
        Assert.All(_both.Snapshot().Files, file => Assert.DoesNotContain("none", file.Stats, StringComparison.Ordinal));
    }

    private async Task<List<string>> MakeAsync()
    {
        _both.Kadali($"CREATE TABLE {{t}} (id INT, {string.Join(", ", Columns.Select(column => $"{column.Name} {column.Type}"))}) USING DELTA");
        var files = new List<string>();
        for (var file = 0; file < 3; file++)
        {
            var rows = new[] { file * 2, (file * 2) + 1 }.Select(i =>
                $"({i + 1}, {string.Join(", ", Columns.Select(column => Literal(column.Type, column.Values[i])))})");
            _both.Kadali(Duck($"INSERT INTO {{t}} VALUES {string.Join(", ", rows)}"));
            files.Add(Directory.GetFiles(_both["t"], "*.parquet").Except(files).Single());
        }

        _both.Kadali("INSERT INTO {t} (id) VALUES (7)");
        await _both.SameAsync();
        return files;
    }

    private static string Literal(string type, string value) => $"CAST('{value}' AS {type})";

    /// <summary>As DuckDB names the type.</summary>
    private static string Duck(string sql) => sql.Replace("TIMESTAMP_NTZ)", "TIMESTAMP)", StringComparison.Ordinal);
}
