using System.Text.Json.Nodes;

namespace Kadali.Delta;

internal sealed partial class DeltaExecutor
{
    private CommandOutput Create(DeltaCommand.CreateTable create, CancellationToken cancellationToken)
    {
        var there = tables.Find(create.Table);
        switch (create.Mode)
        {
            case DeltaCommand.CreateMode.IfNotExists when there is not null:
                return CommandOutput.Nothing;
            case DeltaCommand.CreateMode.Create when there is not null:
                throw new DeltaException(
                    DeltaErrorKind.AlreadyExists, $"There is a table {create.Table} already.",
                    "CREATE OR REPLACE TABLE replaces it; its history goes on.")
                {
                    Offset = create.Table.Start,
                };
            case DeltaCommand.CreateMode.Replace when there is null:
                Open(create.Table);
                break;
        }

        var storage = there ?? tables.Place(create.Table, create.Location);
        var snapshot = there is null ? Lying(storage, create.Location, create.Table, cancellationToken) : Newest(there, cancellationToken);
        if (there is null && snapshot is not null
            && create.Mode is DeltaCommand.CreateMode.Create or DeltaCommand.CreateMode.IfNotExists)
        {
            return Take(create, snapshot, cancellationToken);
        }

        _near = create.Query?.Start;
        using var parts = new StatementParts(Binder, null, cancellationToken);
        var query = create.Query is { } text ? Source(parts, text) : null;
        var definition = Definition(create, query, cancellationToken);
        var result = new WriteInto(session, storage).Create(
            definition, query, create.Columns.Count > 0 && query is not null ? [.. create.Columns.Select(column => column.Name)] : null,
            snapshot, cancellationToken);
        if (there is null)
        {
            tables.Register(create.Table, create.Location);
        }

        return query is null
            ? CommandOutput.Nothing with { Version = result.Version }
            : CommandOutput.Of(result, ("num_affected_rows", "numOutputRows"), ("num_inserted_rows", "numOutputRows"));
    }

    /// <summary>What lies already where a new table is to be, under no name that is known; null for nothing.</summary>
    private Snapshot? Lying(IDeltaStorage storage, string? location, TableRef table, CancellationToken cancellationToken)
    {
        if (storage.List(LogFiles.Folder, "", cancellationToken).Any())
        {
            return Newest(storage, cancellationToken);
        }

        if (location is not null)
        {
            ExistingTable.CheckEmpty(storage, table.Start, cancellationToken);
        }

        return null;
    }

    /// <summary>Gives a table that lies there the name.</summary>
    private CommandOutput Take(DeltaCommand.CreateTable create, Snapshot table, CancellationToken cancellationToken)
    {
        if (create.Query is { } query)
        {
            throw new DeltaException(
                DeltaErrorKind.AlreadyExists, $"There is a Delta table at '{table.Location}' already, which a query would have to replace.",
                "CREATE OR REPLACE TABLE does, and its history goes on; INSERT INTO adds rows.") { Offset = query.Start };
        }

        ExistingTable.CheckSame(table, create, Definition(create, null, cancellationToken));
        tables.Register(create.Table, create.Location);
        return CommandOutput.Nothing;
    }

    private TableDefinition Definition(DeltaCommand.CreateTable create, string? query, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, string>(create.Properties);
        foreach (var check in create.Checks)
        {
            properties[$"delta.constraints.{check.Name.ToLowerInvariant()}"] = check.Expression.Text;
        }

        if (create.Like is { } like)
        {
            var source = Newest(Open(like), cancellationToken);
            return new(source.Schema)
            {
                PartitionColumns = source.PartitionColumns, Properties = Merge(source.Metadata.Configuration, properties),
                Comment = create.Comment ?? source.Metadata.Description,
            };
        }

        new DefinitionCheck(session.DuckDb, cancellationToken).Check(create.Columns, create.Checks);
        var schema = create.Columns.Count > 0
            ? new DeltaType.Struct([.. create.Columns.Select(column => column.ToField())])
            : query is not null
                ? new([.. RowShape.Columns(session.DuckDb, query, cancellationToken)
                    .Select(column => new StructField(column.Name, DuckTypes.ToDelta(column.Name, column.Type)))])
                : new DeltaType.Struct([]);
        return new(schema)
        {
            PartitionColumns = create.PartitionedBy,
            ClusterBy = create.ClusterBy is { } columns ? [.. columns.Select(column => column.Parts)] : null,
            Properties = properties, Comment = create.Comment,
        };
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> second)
    {
        var merged = new Dictionary<string, string>(first);
        foreach (var (key, value) in second)
        {
            merged[key] = value;
        }

        return merged;
    }

    private CommandOutput Clone(DeltaCommand.CloneTable clone, CancellationToken cancellationToken)
    {
        var from = Open(clone.Source);
        var there = tables.Find(clone.Table);
        if (there is not null && clone.Mode == DeltaCommand.CreateMode.IfNotExists)
        {
            return CommandOutput.Nothing;
        }

        if (there is not null && clone.Mode == DeltaCommand.CreateMode.Create)
        {
            throw new DeltaException(DeltaErrorKind.AlreadyExists, $"There is a table {clone.Table} already.")
            {
                Offset = clone.Table.Start,
            };
        }

        if (there?.Root == from.Root)
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported, $"{clone.Table} cannot be replaced by a clone of itself.",
                "RESTORE TABLE … TO VERSION AS OF brings an earlier version back.")
            {
                Offset = clone.Table.Start,
            };
        }

        var to = there ?? tables.Place(clone.Table, clone.Location);
        var replaced = there is null ? Lying(to, clone.Location, clone.Table, cancellationToken) : Newest(there, cancellationToken);
        if (there is null && replaced is not null
            && clone.Mode is DeltaCommand.CreateMode.Create or DeltaCommand.CreateMode.IfNotExists)
        {
            throw new DeltaException(
                DeltaErrorKind.AlreadyExists, $"There is a Delta table at '{replaced.Location}' already.",
                "CREATE OR REPLACE TABLE … CLONE replaces it; its history goes on.") { Offset = clone.Table.Start };
        }

        var result = Cloning.Run(
            session, from, Binder.Version(from, clone.Source.AsOf, cancellationToken), to, replaced, clone.Shallow, clone.Properties,
            cancellationToken);
        if (there is null)
        {
            tables.Register(clone.Table, clone.Location);
        }

        return CommandOutput.Of(
            result, ("source_table_size", "sourceTableSize"), ("source_num_of_files", "sourceNumOfFiles"),
            ("num_copied_files", "numCopiedFiles"), ("copied_files_size", "copiedFilesSize"));
    }

    private CommandOutput Convert(DeltaCommand.ConvertToDelta convert, CancellationToken cancellationToken)
    {
        var storage = tables.Place(TableRef.OfPath(convert.Path), null);
        var result = new Converting(session, storage).Run(
            [.. convert.PartitionedBy.Select(column => column.ToField())], convert.CollectsStatistics, cancellationToken);
        return CommandOutput.Of(result, ("num_converted_files", "numConvertedFiles"));
    }

    private CommandOutput Alter(DeltaCommand.AlterTable alter, CancellationToken cancellationToken)
    {
        var storage = Open(alter.Table);
        if (alter.Changes is [TableChange.DropFeature drop])
        {
            return CommandOutput.Nothing with { Version = new FeatureDrop(session, storage).Run(drop, cancellationToken).Version };
        }

        using var altering = new Altering(session, storage, Newest(storage, cancellationToken));
        var result = altering.Run(alter.Changes, cancellationToken);
        return CommandOutput.Nothing with { Version = result.Version };
    }

    private CommandOutput Comment(DeltaCommand.CommentOn comment, CancellationToken cancellationToken)
    {
        var storage = Open(comment.Table);
        using var transaction = new DeltaTransaction(session, storage, Newest(storage, cancellationToken));
        transaction.Reads.ReadAll();
        transaction.SetMetadata(transaction.Metadata with { Description = comment.Comment });
        return CommandOutput.Nothing with
        {
            Version = transaction.Commit("SET TBLPROPERTIES", new JsonObject { ["properties"] = "{\"comment\":…}" }, cancellationToken),
        };
    }
}
