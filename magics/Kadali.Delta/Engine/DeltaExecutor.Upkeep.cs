namespace Kadali.Delta;

internal sealed partial class DeltaExecutor
{
    private CommandOutput Optimize(DeltaCommand.Optimize optimize, CancellationToken cancellationToken)
    {
        var storage = Open(optimize.Table);
        var snapshot = Newest(storage, cancellationToken);
        return Rewritten(storage, new Optimizing(session, storage, snapshot).Run(
            new()
            {
                Where = PartitionCondition(optimize.Where, snapshot), Text = optimize.Where?.Text, Full = optimize.Full,
                ZOrderBy = [.. optimize.ZOrderBy.Select(column => column.Parts.Count == 1 ? column.Parts[0] : throw new DeltaException(
                    DeltaErrorKind.Unsupported, $"ZORDER BY takes columns of the table, and '{column}' is a field of one.")
                {
                    Offset = column.Start,
                })],
            },
            cancellationToken));
    }

    private CommandOutput Reorg(DeltaCommand.Reorg reorg, CancellationToken cancellationToken)
    {
        var storage = Open(reorg.Table);
        var snapshot = Newest(storage, cancellationToken);
        return Rewritten(storage, new Optimizing(session, storage, snapshot).Run(
            new() { Where = PartitionCondition(reorg.Where, snapshot), Text = reorg.Where?.Text, Purge = true }, cancellationToken));
    }

    private static CommandOutput Rewritten(IDeltaStorage storage, DeltaResult result) => new(
        [
            new("path", "VARCHAR"), new("files_added", "BIGINT"), new("files_removed", "BIGINT"), new("bytes_added", "BIGINT"),
            new("bytes_removed", "BIGINT"),
        ],
        [[
            storage.Root, result.Metrics.GetValueOrDefault("numAddedFiles"), result.Metrics.GetValueOrDefault("numRemovedFiles"),
            result.Metrics.GetValueOrDefault("numAddedBytes"), result.Metrics.GetValueOrDefault("numRemovedBytes"),
        ]]) { Version = result.Version };

    /// <summary>A condition that chooses whole files.</summary>
    private static string? PartitionCondition(SqlPart? where, Snapshot snapshot)
    {
        if (where is not { } condition)
        {
            return null;
        }

        foreach (var column in SparkExpression.ColumnReferences(condition.Text, spark: false))
        {
            if (!snapshot.PartitionColumns.Contains(column.Parts[^1], StringComparer.OrdinalIgnoreCase)
                && !snapshot.PartitionColumns.Contains(column.Parts[0], StringComparer.OrdinalIgnoreCase))
            {
                throw new DeltaException(
                    DeltaErrorKind.Argument, $"WHERE chooses partitions here, and '{column}' is no partition column.",
                    snapshot.PartitionColumns.Count == 0
                        ? "The table is not partitioned."
                        : $"They are {string.Join(", ", snapshot.PartitionColumns)}.")
                {
                    Offset = condition.Start + column.Start,
                };
            }
        }

        return Sql(condition, snapshot.Schema);
    }

    private CommandOutput Vacuum(DeltaCommand.Vacuum vacuum, CancellationToken cancellationToken)
    {
        var storage = Open(vacuum.Table);
        var result = Vacuuming.Run(
            session, storage, Newest(storage, cancellationToken),
            new()
            {
                Retain = vacuum.RetainHours is { } hours ? TimeSpan.FromHours(hours) : null, Lite = vacuum.Lite, DryRun = vacuum.DryRun,
                Force = AllowsShortRetention,
            },
            cancellationToken);
        return vacuum.DryRun
            ? new([new("path", "VARCHAR")], [.. result.Files.Select(file => new object?[] { file })])
            : new(
                [new("path", "VARCHAR"), new("files_removed", "BIGINT"), new("bytes_removed", "BIGINT")],
                [[storage.Root, (long)result.Files.Count, result.Bytes]]);
    }

    /// <summary>Whether VACUUM takes a retention below the table's.</summary>
    public bool AllowsShortRetention { get; set; }

    /// <summary>Whether INSERT and MERGE add columns that only their rows have, also where they do not say so.</summary>
    public bool MergesSchema { get; set; }

    private CommandOutput Refresh(DeltaCommand.Refresh refresh, CancellationToken cancellationToken)
    {
        var storage = Open(refresh.Table);
        session.Forget(storage);
        Newest(storage, cancellationToken);
        return CommandOutput.Nothing;
    }

    /// <summary>The one setting of Spark that means something here; others would be believed to do something.</summary>
    private CommandOutput SetOption(DeltaCommand.SetOption set)
    {
        var evolves = set.Key.Equals("spark.databricks.delta.schema.autoMerge.enabled", StringComparison.OrdinalIgnoreCase);
        if (!evolves && !set.Key.Equals("spark.databricks.delta.retentionDurationCheck.enabled", StringComparison.OrdinalIgnoreCase))
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported, $"'{set.Key}' is a setting of Spark, and no Spark runs here.",
                "What a table is to do says ALTER TABLE … SET TBLPROPERTIES.") { Offset = set.Start };
        }

        var value = bool.TryParse(set.Value, out var given) ? given : throw new DeltaException(
            DeltaErrorKind.Argument, $"'{set.Key}' cannot be '{set.Value}'.", "It is true or false.") { Offset = set.Start };
        if (evolves)
        {
            MergesSchema = value;
        }
        else
        {
            AllowsShortRetention = !value;
        }

        return CommandOutput.Nothing;
    }

    private CommandOutput Restore(DeltaCommand.Restore restore, CancellationToken cancellationToken)
    {
        var storage = Open(restore.Table);
        var result = Restoring.Run(
            session, storage, Newest(storage, cancellationToken), Binder.Version(storage, restore.To, cancellationToken),
            cancellationToken);
        return CommandOutput.Of(
            result, ("table_size_after_restore", "tableSizeAfterRestore"), ("num_of_files_after_restore", "numOfFilesAfterRestore"),
            ("num_removed_files", "numRemovedFiles"), ("num_restored_files", "numRestoredFiles"),
            ("removed_files_size", "removedFilesSize"), ("restored_files_size", "restoredFilesSize"));
    }

    private CommandOutput Check(DeltaCommand.Fsck check, CancellationToken cancellationToken)
    {
        var (problems, result) = new FileCheck(session, Open(check.Table)).Run(check.DryRun, cancellationToken);
        return new(
            [new("file", "VARCHAR"), new("problem", "VARCHAR"), new("remedy", "VARCHAR")],
            [.. problems.Select(problem => new object?[] { problem.File, problem.Problem, problem.Remedy })]) { Version = result.Version };
    }

    private CommandOutput Detail(DeltaCommand.DescribeDetail detail, CancellationToken cancellationToken)
    {
        var storage = Open(detail.Table);
        var snapshot = Newest(storage, cancellationToken);
        var name = detail.Table.Path is null ? detail.Table.ToString() : null;
        return new(
            [
                new("format", "VARCHAR"), new("id", "VARCHAR"), new("name", "VARCHAR"), new("description", "VARCHAR"),
                new("location", "VARCHAR"), new("createdAt", "TIMESTAMP WITH TIME ZONE"), new("lastModified", "TIMESTAMP WITH TIME ZONE"),
                new("partitionColumns", "VARCHAR[]"), new("clusteringColumns", "VARCHAR[]"), new("numFiles", "BIGINT"),
                new("sizeInBytes", "BIGINT"), new("properties", "MAP(VARCHAR, VARCHAR)"), new("minReaderVersion", "INTEGER"),
                new("minWriterVersion", "INTEGER"), new("tableFeatures", "VARCHAR[]"),
            ],
            [[
                "delta", snapshot.Metadata.Id, name ?? snapshot.Metadata.Name, snapshot.Metadata.Description, storage.Root,
                snapshot.Metadata.CreatedTime is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : null,
                DateTimeOffset.FromUnixTimeMilliseconds(snapshot.Timestamp), snapshot.PartitionColumns,
                Clustering.Columns(snapshot).Select(path => string.Join('.', path)).ToArray(), (long)snapshot.Files.Count,
                snapshot.Files.Sum(file => file.Size), snapshot.Metadata.Configuration, snapshot.Protocol.MinReaderVersion,
                snapshot.Protocol.MinWriterVersion, snapshot.Features.Order(StringComparer.Ordinal).ToArray(),
            ]]);
    }

    private CommandOutput History(DeltaCommand.DescribeHistory history, CancellationToken cancellationToken)
    {
        var entries = new DeltaHistory(session.Log(Open(history.Table))).Read(history.Limit, cancellationToken);
        return new(
            [
                new("version", "BIGINT"), new("timestamp", "TIMESTAMP WITH TIME ZONE"), new("operation", "VARCHAR"),
                new("operationParameters", "MAP(VARCHAR, VARCHAR)"), new("readVersion", "BIGINT"), new("isolationLevel", "VARCHAR"),
                new("isBlindAppend", "BOOLEAN"), new("operationMetrics", "MAP(VARCHAR, VARCHAR)"), new("userMetadata", "VARCHAR"),
                new("engineInfo", "VARCHAR"),
            ],
            [.. entries.Select(entry => new object?[]
            {
                entry.Version, entry.Timestamp, entry.Operation, entry.Parameters, entry.ReadVersion, entry.IsolationLevel,
                entry.IsBlindAppend, entry.Metrics, entry.UserMetadata, entry.Engine,
            })]);
    }
}
