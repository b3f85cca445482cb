namespace Kadali.Delta;

/// <content>Statements of Spark that mean nothing here, or cannot be done: each says why, and what to write.</content>
internal sealed partial class DeltaSqlParser
{
    private static readonly Dictionary<string, (string Message, string Hint)> Refused = new()
    {
        ["ANALYZE"] = (
            "ANALYZE TABLE has nothing to do: each file of a Delta table has its statistics in the log since it was written.",
            "delta.dataSkippingStatsColumns says of which columns."),
        ["CACHE"] = (
            "CACHE TABLE is Spark's: nothing keeps rows of Delta tables in memory here.",
            "CREATE TEMP TABLE … AS SELECT keeps a copy of them."),
        ["UNCACHE"] = ("UNCACHE TABLE is Spark's: nothing keeps rows of Delta tables in memory here.", "It can be left away."),
        ["MSCK"] = (
            "MSCK REPAIR TABLE is for folders of files: the partitions of a Delta table stand in its log.",
            "FSCK REPAIR TABLE looks for missing files, CONVERT TO DELTA makes a table of a folder."),
        ["GENERATE"] = (
            "GENERATE makes manifests for readers that cannot read Delta's log, and none are made here.",
            "DuckDB, Spark and others read the table itself."),
        ["COPY"] = (
            "COPY INTO loads files with Databricks' own record of what was loaded.",
            "INSERT INTO table BY NAME SELECT * FROM 'file.parquet' loads one."),
    };

    private void Refuse(string word)
    {
        if (Refused.TryGetValue(word, out var said))
        {
            throw Unsupported(said.Message, _cursor.Current.Start, said.Hint);
        }
    }

    /// <summary>Changes of <c>ALTER TABLE</c> that Delta tables do not know.</summary>
    private void RefuseChange()
    {
        var start = _cursor.Current.Start;
        if (_cursor.Is("ADD", "PARTITION") || _cursor.Is("RECOVER", "PARTITIONS"))
        {
            throw Unsupported("A Delta table has the partitions that its rows have.", start, "INSERT INTO makes them.");
        }

        if (_cursor.Is("DROP", "PARTITION"))
        {
            throw Unsupported("A Delta table has the partitions that its rows have.", start, "DELETE FROM … WHERE removes one.");
        }

        if (_cursor.Is("SET", "LOCATION"))
        {
            throw Unsupported(
                "A table cannot be moved by its name here.", start, "CREATE TABLE … DEEP CLONE … LOCATION 'path' makes a copy there.");
        }

        if (_cursor.Is("REPLACE", "COLUMNS"))
        {
            throw Unsupported(
                "REPLACE COLUMNS cannot be done here.", start, "ADD COLUMN, DROP COLUMN and ALTER COLUMN change the columns one by one.");
        }
    }

    private static DeltaException Unsupported(string message, int start, string hint) =>
        new(DeltaErrorKind.Unsupported, message, hint) { Offset = start };
}
