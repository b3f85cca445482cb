using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Scan;

/// <summary>Columns that have the names of DuckDB's own columns of files are columns like others.</summary>
public sealed class VirtualColumnsTests : IDisposable
{
    private readonly Statements _sql = new();

    public void Dispose() => _sql.Dispose();

    [Theory]
    [InlineData("file_row_number", "")]
    [InlineData("file_index", "")]
    [InlineData("FILE_INDEX", "")]
    [InlineData("File_Row_Number", "")]
    [InlineData("filename", "")]
    [InlineData("file_row_number", "'delta.enableRowTracking' = 'true', ")]
    [InlineData("file_index", "'delta.columnMapping.mode' = 'name', 'delta.enableRowTracking' = 'true', ")]
    public void Tables_with_a_column_of_that_name_are_read_and_changed(string name, string properties)
    {
        foreach (var vectors in new[] { "true", "false" })
        {
            foreach (var partition in new[] { "", $" PARTITIONED BY ({name})" })
            {
                _sql.Run(
                    $"CREATE OR REPLACE TABLE t (id INT, {name} BIGINT) USING DELTA{partition} "
                        + $"TBLPROPERTIES ({properties}'delta.enableDeletionVectors' = '{vectors}', 'delta.enableChangeDataFeed' = 'true')",
                    "INSERT INTO t VALUES (1, 1), (2, 1)",
                    "INSERT INTO t VALUES (4, 0), (3, 0), (6, 0)",
                    "DELETE FROM t WHERE id % 2 = 1");
                Assert.Equal(["2|1", "4|0", "6|0"], _sql.Query("SELECT * FROM t"));

                _sql.Run($"UPDATE t SET {name} = {name} + 10 WHERE id = 4",
                    $"MERGE INTO t USING (SELECT 6 AS id UNION ALL SELECT 7) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET {name} = 60 "
                        + $"WHEN NOT MATCHED THEN INSERT (id, {name}) VALUES (s.id, 70)");
                string[] expected = ["2|1", "4|10", "6|60", "7|70"];
                Assert.Equal(expected, _sql.Query("SELECT * FROM t"));
                Assert.Equal(["4"], _sql.Query($"SELECT id FROM t WHERE {name} = 10"));

                _sql.Run("OPTIMIZE t");
                Assert.Equal(expected, _sql.Query("SELECT * FROM t"));
            }
        }
    }

    [Fact]
    public void A_folder_of_files_with_such_columns_becomes_a_table()
    {
        _sql.Write("t/1.parquet", "SELECT 1 AS id, 7 AS file_index, 8 AS FILE_ROW_NUMBER UNION ALL SELECT 2, 7, 9");
        _sql.Write("t/2.parquet", "SELECT 3 AS id, 7 AS file_index, 0 AS FILE_ROW_NUMBER");

        _sql.Run($"CONVERT TO DELTA parquet.`{_sql["t"]}`");
        Assert.Equal(["2", "1"], _sql.Snapshot("t").Files
            .OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => FileStatistics.Rows(file)?.ToString()));

        _sql.Run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')", "DELETE FROM t WHERE id = 2");
        Assert.Equal(["1|7|8", "3|7|0"], _sql.Query("SELECT * FROM t"));
        Assert.Equal(["3"], _sql.Query("SELECT id FROM t WHERE file_row_number = 0"));
    }

    [Fact]
    public void A_column_of_files_that_the_table_does_not_have_hides_nothing()
    {
        _sql.Write("t/file_index=5/1.parquet", "SELECT 5 AS file_index, 0 AS id UNION ALL SELECT 5, 1");
        _sql.Write("t/file_index=6/1.parquet", "SELECT 6 AS file_index, 2 AS id UNION ALL SELECT 6, 3");
        _sql.Run($"CONVERT TO DELTA parquet.`{_sql["t"]}` PARTITIONED BY (file_index INT)",
            "ALTER TABLE t SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')", "DELETE FROM t WHERE id IN (1, 2)");

        Assert.Equal(["5|0", "6|3"], _sql.Query("SELECT file_index, id FROM t"));
    }
}
