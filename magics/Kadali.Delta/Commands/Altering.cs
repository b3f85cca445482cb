using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>ALTER TABLE: changes of schema, properties, constraints and features. Data files stay as they are.</summary>
internal sealed partial class Altering(DeltaSession session, IDeltaStorage storage, Snapshot snapshot) : IDisposable
{
    private const string ConstraintPrefix = "delta.constraints.";
    private const string Default = "CURRENT_DEFAULT";

    private readonly DeltaTransaction _transaction = new(session, storage, snapshot);
    private string _operation = "SET TBLPROPERTIES";
    private JsonObject _parameters = [];

    public DeltaResult Run(IReadOnlyList<TableChange> changes, CancellationToken cancellationToken)
    {
        _transaction.Reads.ReadAll();
        foreach (var change in changes)
        {
            Apply(change, cancellationToken);
        }

        return _transaction.NewMetadata is null && _transaction.NewProtocol is null && _transaction.Actions.Count == 0
            ? new(null, _transaction.Metrics)
            : new(_transaction.Commit(_operation, _parameters, cancellationToken), _transaction.Metrics);
    }

    public void Dispose() => _transaction.Dispose();

    private DeltaType.Struct Schema => SchemaJson.Read(_transaction.Metadata.SchemaString);

    private TableProperties Properties => new(_transaction.Metadata.Configuration);

    private void Apply(TableChange change, CancellationToken cancellationToken)
    {
        switch (change)
        {
            case TableChange.AddColumn add:
                Say("ADD COLUMNS", "columns", add.Column.ToString());
                AddColumn(add, cancellationToken);
                break;
            case TableChange.DropColumns drop:
                Say("DROP COLUMNS", "columns", string.Join(", ", drop.Columns));
                DropColumns(drop);
                break;
            case TableChange.RenameColumn rename:
                Say("RENAME COLUMN", "oldColumnPath", rename.Column.ToString());
                _parameters["newColumnPath"] = rename.To;
                RenameColumn(rename);
                break;
            case TableChange.ChangeType type:
                Say("CHANGE COLUMN", "column", type.Column.ToString());
                ChangeType(type);
                break;
            case TableChange.ChangeComment comment:
                Say("CHANGE COLUMN", "column", comment.Column.ToString());
                Replace(comment.Column, field => field.With("comment", JsonValue.Create(comment.Comment)));
                break;
            case TableChange.ChangeNullability nullability:
                Say("CHANGE COLUMN", "column", nullability.Column.ToString());
                ChangeNullability(nullability, cancellationToken);
                break;
            case TableChange.ChangeDefault value:
                Say("CHANGE COLUMN", "column", value.Column.ToString());
                ChangeDefault(value, cancellationToken);
                break;
            case TableChange.SyncIdentity sync:
                Say("CHANGE COLUMN", "column", sync.Column.ToString());
                SyncIdentity(sync, cancellationToken);
                break;
            case TableChange.MoveColumn move:
                Say("CHANGE COLUMN", "column", move.Column.ToString());
                Move(move);
                break;
            case TableChange.AddCheck check:
                Say("ADD CONSTRAINT", "name", check.Check.Name);
                _parameters["expr"] = check.Check.Expression.Text;
                AddCheck(check.Check, cancellationToken);
                break;
            case TableChange.DropConstraint drop:
                Say("DROP CONSTRAINT", "name", drop.Name);
                DropConstraint(drop);
                break;
            case TableChange.SetProperties set:
                Say("SET TBLPROPERTIES", "properties", Json(set.Properties));
                SetProperties(set.Properties);
                break;
            case TableChange.UnsetProperties unset:
                Say(
                    "UNSET TBLPROPERTIES", "properties",
                    ActionJson.Text(new JsonArray([.. unset.Keys.Select(key => JsonValue.Create(key))])));
                UnsetProperties(unset);
                break;
            case TableChange.ClusterBy cluster:
                Say("CLUSTER BY", "newClusteringColumns", string.Join(",", cluster.Columns));
                ClusterBy(cluster);
                break;
            default:
                throw new DeltaException(DeltaErrorKind.Unsupported, "A table cannot be changed in that way here.");
        }
    }

    private void Say(string operation, string name, string value)
    {
        _operation = operation;
        _parameters = new() { [name] = value };
    }

    private void Set(DeltaType.Struct schema) => SchemaChange.Stage(_transaction, schema);

    private void SetConfiguration(Dictionary<string, string> configuration) =>
        _transaction.SetMetadata(_transaction.Metadata with { Configuration = configuration });

    /// <summary>How many parts of a path lead to the innermost field of a struct; what follows are elements, keys and values.</summary>
    private static int FieldDepth(DeltaType type, ColumnPath path)
    {
        var fields = 0;
        for (var i = 0; i < path.Parts.Count; i++)
        {
            if (type is DeltaType.Struct record)
            {
                (type, fields) = (Find(record, path.Parts[i], path).Type, i + 1);
            }
            else
            {
                type = TypeWidening.Inside(type, path.Parts[i]) ?? throw new DeltaException(
                    DeltaErrorKind.Schema,
                    $"'{string.Join('.', path.Parts.Take(i))}' has no field '{path.Parts[i]}': it is of type {type}.")
                {
                    Offset = path.Start,
                };
            }
        }

        return fields;
    }

    private void AddCheck(CheckDefinition check, CancellationToken cancellationToken)
    {
        var key = ConstraintPrefix + check.Name.ToLowerInvariant();
        if (Properties.Text(key) is { } there)
        {
            throw new DeltaException(DeltaErrorKind.AlreadyExists, $"The table has a constraint '{check.Name}' already: {there}.");
        }

        using var scan = TableScan.Of(session, storage, snapshot, snapshot.Files, ScanColumns.None, cancellationToken);
        long rows;
        try
        {
            rows = session.DuckDb.Scalar<long>(RowChecks.Violations(scan.Sql, check.Expression.Text, Schema), cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument,
                $"The constraint '{check.Name}' ({check.Expression.Text}) cannot be computed: {DuckDb.Message(exception)}",
                inner: exception) { Offset = check.Expression.Start };
        }

        if (rows > 0)
        {
            throw new DeltaException(
                DeltaErrorKind.Constraint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows} row{(rows == 1 ? "" : "s")} of the table violate{(rows == 1 ? "s" : "")} "
                        + $"the new constraint '{check.Name}' ({check.Expression.Text})."),
                "Delete or update them first.") { Offset = check.Expression.Start };
        }

        SetConfiguration(new(_transaction.Metadata.Configuration) { [key] = check.Expression.Text });
    }

    private void DropConstraint(TableChange.DropConstraint drop)
    {
        var configuration = new Dictionary<string, string>(_transaction.Metadata.Configuration);
        var key = configuration.Keys.FirstOrDefault(
            key => string.Equals(key, ConstraintPrefix + drop.Name, StringComparison.OrdinalIgnoreCase));
        if (key is not null)
        {
            configuration.Remove(key);
            SetConfiguration(configuration);
        }
        else if (!drop.IfExists)
        {
            throw new DeltaException(DeltaErrorKind.NotFound, $"The table has no constraint '{drop.Name}'.");
        }
    }

    private void SetProperties(IReadOnlyDictionary<string, string> properties)
    {
        var configuration = new Dictionary<string, string>(_transaction.Metadata.Configuration);
        var features = new List<string>();
        foreach (var (key, value) in properties)
        {
            if (key.StartsWith("delta.feature.", StringComparison.OrdinalIgnoreCase))
            {
                var name = key["delta.feature.".Length..];
                features.Add(TableFeature.Find(name)?.Name ?? throw new DeltaException(
                    DeltaErrorKind.Unsupported, $"'{key}' asks for a table feature that is not known here."));
            }
            else if (key is not ("delta.minReaderVersion" or "delta.minWriterVersion"))
            {
                TablePropertyCheck.Check(key, value);
                configuration[key] = value;
            }
        }

        SetMapping(configuration);
        if (configuration.GetValueOrDefault("delta.enableRowTracking") == "true" && !Properties.RowTracking)
        {
            EnableRowTracking(configuration);
        }

        if (configuration.GetValueOrDefault("delta.enableInCommitTimestamps") == "true" && !Properties.InCommitTimestamps)
        {
            configuration["delta.inCommitTimestampEnablementVersion"] = (snapshot.Version + 1).ToString(CultureInfo.InvariantCulture);
            configuration["delta.inCommitTimestampEnablementTimestamp"] =
                Math.Max(_transaction.Timestamp, snapshot.Timestamp + 1).ToString(CultureInfo.InvariantCulture);
        }

        _transaction.SetMetadata(_transaction.Metadata with { Configuration = configuration });
        _transaction.SetProtocol(ProtocolUpgrade.For(_transaction.Protocol, _transaction.Metadata, features));
    }

    /// <summary>Column mapping comes by name to tables that have files: their columns keep the names that these have.</summary>
    private void SetMapping(Dictionary<string, string> configuration)
    {
        var (before, after) = (Properties.ColumnMappingMode, configuration.GetValueOrDefault("delta.columnMapping.mode") ?? "none");
        if (string.Equals(before, after, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        if (before != "none" || !string.Equals(after, "name", StringComparison.OrdinalIgnoreCase))
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported,
                $"The column mapping of a table cannot change from '{before}' to '{after}'.", "Only from 'none' to 'name'.");
        }

        var last = (int)Properties.Number(ColumnMappingIds.MaximumKey, 0);
        var schema = ColumnMappingIds.Assign(Schema, keepsNames: true, ref last);
        configuration[ColumnMappingIds.MaximumKey] = last.ToString(CultureInfo.InvariantCulture);
        _transaction.SetMetadata(_transaction.Metadata with { SchemaString = SchemaJson.Write(schema), Configuration = configuration });
    }

    /// <summary>Rows that are there get ids, too: their files are added again with the first of them.</summary>
    private void EnableRowTracking(Dictionary<string, string> configuration)
    {
        configuration.TryAdd(RowTracking.RowIdProperty, $"_row-id-col-{Guid.NewGuid():D}");
        configuration.TryAdd(RowTracking.VersionProperty, $"_row-commit-version-col-{Guid.NewGuid():D}");
        _transaction.AddAll(snapshot.Files.Where(file => file.BaseRowId is null).Select(file => file with { DataChange = false }));
    }

    private void UnsetProperties(TableChange.UnsetProperties unset)
    {
        var configuration = new Dictionary<string, string>(_transaction.Metadata.Configuration);
        foreach (var key in unset.Keys)
        {
            if (!configuration.Remove(key) && !unset.IfExists)
            {
                throw new DeltaException(
                    DeltaErrorKind.NotFound, $"The table has no property '{key}'.",
                    $"It has {(configuration.Count == 0 ? "none" : string.Join(", ", configuration.Keys.Order(StringComparer.Ordinal)))}.");
            }
        }

        SetConfiguration(configuration);
    }

    private void ClusterBy(TableChange.ClusterBy cluster)
    {
        _transaction.Set(Clustering.Domain(
            Schema, Properties, _transaction.Metadata.PartitionColumns, [.. cluster.Columns.Select(column => column.Parts)]));
        _transaction.SetProtocol(ProtocolUpgrade.For(_transaction.Protocol, _transaction.Metadata, TableFeature.Clustering));
    }

    private DeltaType.Struct Replaced(ColumnPath path, Func<StructField, StructField> change) => In(Schema, path, 0, (record, name) =>
    {
        var field = Find(record, name, path);
        return new([.. record.Fields.Select(other => ReferenceEquals(other, field) ? change(field) : other)]);
    });

    private static string Json(IReadOnlyDictionary<string, string> values) =>
        ActionJson.Text(new JsonObject(values.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))));
}
