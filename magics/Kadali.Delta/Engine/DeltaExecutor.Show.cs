using System.Globalization;

namespace Kadali.Delta;

/// <content>What is shown of tables.</content>
internal sealed partial class DeltaExecutor
{
    private CommandOutput Describe(DeltaCommand.DescribeTable describe, CancellationToken cancellationToken)
    {
        var snapshot = Binder.Version(Open(describe.Table), describe.Table.AsOf, cancellationToken);
        var rows = snapshot.Schema.Fields
            .Select(field => new object?[] { field.Name, SparkTypes.Print(field.Type), field.Text("comment") })
            .ToList();
        if (snapshot.PartitionColumns.Count > 0)
        {
            rows.Add(["# Partition Information", "", ""]);
            rows.AddRange(snapshot.PartitionColumns.Select(name => snapshot.Schema.Find(name)!)
                .Select(field => new object?[] { field.Name, SparkTypes.Print(field.Type), field.Text("comment") }));
        }

        if (describe.Extended)
        {
            rows.Add(["# Detailed Table Information", "", ""]);
            rows.Add(["Location", snapshot.Location, ""]);
            rows.Add(["Provider", "delta", ""]);
            rows.Add(["Comment", snapshot.Metadata.Description, ""]);
            rows.Add(
                ["Table Properties", string.Join(", ", snapshot.Metadata.Configuration.Select(pair => $"{pair.Key}={pair.Value}")), ""]);
        }

        return new([new("col_name", "VARCHAR"), new("data_type", "VARCHAR"), new("comment", "VARCHAR")], rows);
    }

    /// <summary>One column, as Spark tells of it: a line each for name, type and comment.</summary>
    private CommandOutput Describe(DeltaCommand.DescribeColumn describe, CancellationToken cancellationToken)
    {
        var snapshot = Binder.Version(Open(describe.Table), describe.Table.AsOf, cancellationToken);
        var field = describe.Column.Parts is [var name] ? snapshot.Schema.Find(name) : throw new DeltaException(
            DeltaErrorKind.Unsupported, $"DESCRIBE tells of columns, and '{describe.Column}' is a field of one.")
        {
            Offset = describe.Column.Start,
        };
        return field is null
            ? throw new DeltaException(
                DeltaErrorKind.Schema, $"The table has no column '{name}'.",
                $"Its columns are {string.Join(", ", snapshot.Schema.Fields.Select(known => known.Name))}.")
            {
                Offset = describe.Column.Start,
            }
            : new(
                [new("info_name", "VARCHAR"), new("info_value", "VARCHAR")],
                [["col_name", field.Name], ["data_type", SparkTypes.Print(field.Type)], ["comment", field.Text("comment")]]);
    }

    private CommandOutput Columns(DeltaCommand.ShowColumns show, CancellationToken cancellationToken) => new(
        [new("col_name", "VARCHAR")],
        [.. Newest(Open(show.Table), cancellationToken).Schema.Fields.Select(field => new object?[] { field.Name })]);

    private CommandOutput Partitions(DeltaCommand.ShowPartitions show, CancellationToken cancellationToken)
    {
        var snapshot = Newest(Open(show.Table), cancellationToken);
        var mapping = new ColumnMapping(snapshot.Properties);
        var only = show.Only.Select(part => (
            Column: snapshot.PartitionColumns.FirstOrDefault(name => name.Equals(part.Column, StringComparison.OrdinalIgnoreCase))
                ?? throw new DeltaException(
                    DeltaErrorKind.Schema, $"'{part.Column}' is no partition column of {show.Table}.",
                    snapshot.PartitionColumns.Count == 0 ? "The table is not partitioned."
                        : $"They are {string.Join(", ", snapshot.PartitionColumns)}.")
                {
                    Offset = show.Table.Start,
                },
            Value: part.Value is { } value
                ? session.DuckDb.Query(
                    $"SELECT CAST(({SparkExpression.ToDuckDb(value, marks: true)}) AS VARCHAR)",
                    reader => reader.IsDBNull(0) ? null : reader.GetString(0), cancellationToken)[0]
                : throw new DeltaException(
                    DeltaErrorKind.Syntax, $"PARTITION gives no value for '{part.Column}'.", "Write column = value.")))
            .ToArray();
        return new(
            [.. snapshot.PartitionColumns.Select(name => new SourceColumn(name, "VARCHAR"))],
            [.. snapshot.Files.Where(file => only.All(one =>
                    file.PartitionValues.GetValueOrDefault(mapping.Physical(snapshot.Schema.Find(one.Column)!)) == one.Value))
                .Select(file => snapshot.PartitionColumns
                    .Select(name => file.PartitionValues.GetValueOrDefault(mapping.Physical(snapshot.Schema.Find(name)!))).ToArray())
                .DistinctBy(values => string.Join('\u001f', values))
                .OrderBy(values => string.Join('\u001f', values), StringComparer.Ordinal)]);
    }

    private CommandOutput Properties(DeltaCommand.ShowProperties show, CancellationToken cancellationToken)
    {
        var snapshot = Newest(Open(show.Table), cancellationToken);
        var all = snapshot.Metadata.Configuration
            .Append(new("delta.minReaderVersion", snapshot.Protocol.MinReaderVersion.ToString(CultureInfo.InvariantCulture)))
            .Append(new("delta.minWriterVersion", snapshot.Protocol.MinWriterVersion.ToString(CultureInfo.InvariantCulture)));
        return new(
            [new("key", "VARCHAR"), new("value", "VARCHAR")],
            [.. all.Where(pair => show.Key is null || pair.Key == show.Key).OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new object?[] { pair.Key, pair.Value })]);
    }

    private CommandOutput ShowCreate(DeltaCommand.ShowCreateTable show, CancellationToken cancellationToken)
    {
        var snapshot = Newest(Open(show.Table), cancellationToken);
        var columns = snapshot.Schema.Fields.Select(field =>
            $"  {SqlQuotes.Backticks(field.Name)} {SparkTypes.Print(field.Type)}{(field.Nullable ? "" : " NOT NULL")}"
                + (field.Text("delta.generationExpression") is { } generated ? $" GENERATED ALWAYS AS ({generated})" : "")
                + (field.Text("CURRENT_DEFAULT") is { } value ? $" DEFAULT {value}" : "")
                + (field.Text("comment") is { } comment ? $" COMMENT {DuckDb.Text(comment)}" : ""));
        var sql = $"CREATE TABLE {show.Table} (\n{string.Join(",\n", columns)})\nUSING delta"
            + (snapshot.PartitionColumns.Count > 0 ? $"\nPARTITIONED BY ({string.Join(", ", snapshot.PartitionColumns)})" : "")
            + (snapshot.Metadata.Description is { } description ? $"\nCOMMENT {DuckDb.Text(description)}" : "")
            + (snapshot.Metadata.Configuration.Count > 0
                ? "\nTBLPROPERTIES (\n"
                    + string.Join(",\n", snapshot.Metadata.Configuration.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                        .Select(pair => $"  {DuckDb.Text(pair.Key)} = {DuckDb.Text(pair.Value)}"))
                    + ")"
                : "");
        return new([new("createtab_stmt", "VARCHAR")], [[sql]]);
    }
}
