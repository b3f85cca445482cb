using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>ALTER TABLE: changes of schema, properties, constraints and features. Data files stay as they are.</summary>
internal sealed class Altering(DeltaSession session, IDeltaStorage storage, Snapshot snapshot) : IDisposable
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
                AddColumn(add);
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
                ChangeDefault(value);
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
                Say("UNSET TBLPROPERTIES", "properties", new JsonArray([.. unset.Keys.Select(key => JsonValue.Create(key))]).ToJsonString());
                UnsetProperties(unset);
                break;
            case TableChange.ClusterBy cluster:
                Say("CLUSTER BY", "newClusteringColumns", string.Join(",", cluster.Columns));
                ClusterBy(cluster);
                break;
            case TableChange.DropFeature drop:
                Say("DROP FEATURE", "featureName", drop.Feature);
                DropFeature(drop);
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

    private void AddColumn(TableChange.AddColumn add)
    {
        if (add.Definition.Default is not null)
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported, $"Column '{add.Column}' cannot be added with a default: rows that are there would have none.",
                "Add it, then ALTER COLUMN … SET DEFAULT.") { Offset = add.Column.Start };
        }

        if (!add.Definition.Nullable)
        {
            throw new DeltaException(
                DeltaErrorKind.Schema, $"Column '{add.Column}' cannot be added as NOT NULL: rows that are there have no value for it.") { Offset = add.Column.Start };
        }

        Set(In(Schema, add.Column, 0, (record, name) =>
        {
            if (record.Find(name) is not null)
            {
                throw new DeltaException(DeltaErrorKind.Schema, $"The table has a column '{add.Column}' already.") { Offset = add.Column.Start };
            }

            return Insert(record, add.Definition.ToField() with { Name = name }, add.Position, add.Column);
        }));
    }

    private void DropColumns(TableChange.DropColumns drop)
    {
        NeedsMapping("dropped");
        foreach (var column in drop.Columns)
        {
            if (column.Parts.Count == 1 && Schema.Find(column.Parts[0]) is null && drop.IfExists)
            {
                continue;
            }

            NotUsed(column, "dropped");
            Set(In(Schema, column, 0, (record, name) =>
            {
                var field = Find(record, name, column);
                return new([.. record.Fields.Where(other => !ReferenceEquals(other, field))]);
            }));
        }
    }

    private void RenameColumn(TableChange.RenameColumn rename)
    {
        NeedsMapping("renamed");
        NotUsed(rename.Column, "renamed", partitions: false);
        var old = rename.Column.Parts[^1];
        var partitions = _transaction.Metadata.PartitionColumns.Select(name =>
            rename.Column.Parts.Count == 1 && string.Equals(name, old, StringComparison.OrdinalIgnoreCase) ? rename.To : name);
        SchemaChange.Stage(_transaction, Replaced(rename.Column, field => field with { Name = rename.To }), [.. partitions]);
    }

    private void ChangeType(TableChange.ChangeType change)
    {
        // What changes inside of a list or map is noted by the field that has it.
        var depth = FieldDepth(Schema, change.Column);
        string[] inside = [.. change.Column.Parts.Skip(depth)];
        Replace(change.Column with { Parts = [.. change.Column.Parts.Take(depth)] }, field =>
        {
            var type = TypeWidening.Inside(field.Type, inside);
            if (type.Equals(change.Type))
            {
                return field.With(ColumnDefinition.StringLimit, change.LimitedString is null ? null : JsonValue.Create(change.LimitedString));
            }

            if (!TypeWidening.IsWider(type, change.Type))
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"Column '{change.Column}' cannot become {change.Type}: not all values of {type} are values of that.",
                    "Add a column and fill it by UPDATE, or write the table anew.") { Offset = change.Column.Start };
            }

            return Properties.TypeWidening
                ? TypeWidening.Widen(field, change.Type, inside)
                : throw new DeltaException(
                    DeltaErrorKind.Schema, $"Column '{change.Column}' cannot become {change.Type}: the table has no type widening.",
                    "Set 'delta.enableTypeWidening' to true first.") { Offset = change.Column.Start };
        });
    }

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
                    DeltaErrorKind.Schema, $"'{string.Join('.', path.Parts.Take(i))}' has no field '{path.Parts[i]}': it is of type {type}.") { Offset = path.Start };
            }
        }

        return fields;
    }

    private void ChangeNullability(TableChange.ChangeNullability change, CancellationToken cancellationToken)
    {
        if (!change.Nullable)
        {
            using var scan = TableScan.Of(session, storage, snapshot, snapshot.Files, ScanColumns.None, cancellationToken);
            var value = string.Join('.', change.Column.Parts.Select(DuckDb.Name));
            if (session.DuckDb.Scalar<long>($"SELECT count(*) FROM ({scan.Sql}) WHERE {value} IS NULL", cancellationToken) is > 0 and var rows)
            {
                throw new DeltaException(
                    DeltaErrorKind.Constraint,
                    string.Create(CultureInfo.InvariantCulture, $"Column '{change.Column}' cannot become NOT NULL: {rows} row{(rows == 1 ? " has" : "s have")} no value there."))
                {
                    Offset = change.Column.Start,
                };
            }
        }

        Replace(change.Column, field => field with { Nullable = change.Nullable });
    }

    private void ChangeDefault(TableChange.ChangeDefault change)
    {
        if (change.Default is { } value)
        {
            _ = SparkExpression.ToDuckDb(value, Schema);
        }

        Replace(change.Column, field => field.With(Default, change.Default is { } text ? JsonValue.Create(text.Text) : null));
    }

    private void Move(TableChange.MoveColumn move) => Set(In(Schema, move.Column, 0, (record, name) =>
    {
        var field = Find(record, name, move.Column);
        return Insert(new([.. record.Fields.Where(other => !ReferenceEquals(other, field))]), field, move.Position, move.Column);
    }));

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
                DeltaErrorKind.Argument, $"The constraint '{check.Name}' ({check.Expression.Text}) cannot be computed: {DuckDb.Message(exception)}",
                inner: exception) { Offset = check.Expression.Start };
        }

        if (rows > 0)
        {
            throw new DeltaException(
                DeltaErrorKind.Constraint,
                string.Create(CultureInfo.InvariantCulture, $"{rows} row{(rows == 1 ? "" : "s")} of the table violate{(rows == 1 ? "s" : "")} the new constraint '{check.Name}' ({check.Expression.Text})."),
                "Delete or update them first.") { Offset = check.Expression.Start };
        }

        SetConfiguration(new(_transaction.Metadata.Configuration) { [key] = check.Expression.Text });
    }

    private void DropConstraint(TableChange.DropConstraint drop)
    {
        var configuration = new Dictionary<string, string>(_transaction.Metadata.Configuration);
        var key = configuration.Keys.FirstOrDefault(key => string.Equals(key, ConstraintPrefix + drop.Name, StringComparison.OrdinalIgnoreCase));
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
            configuration["delta.inCommitTimestampEnablementTimestamp"] = Math.Max(_transaction.Timestamp, snapshot.Timestamp + 1).ToString(CultureInfo.InvariantCulture);
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
                DeltaErrorKind.Unsupported, $"The column mapping of a table cannot change from '{before}' to '{after}'.", "Only from 'none' to 'name'.");
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

    private void DropFeature(TableChange.DropFeature drop)
    {
        var feature = TableFeature.Find(drop.Feature) ?? throw new DeltaException(
            DeltaErrorKind.Unsupported, $"There is no table feature '{drop.Feature}'.");
        var protocol = _transaction.Protocol!;
        if (!(protocol.WriterFeatures ?? []).Contains(feature.Name, StringComparer.OrdinalIgnoreCase))
        {
            throw new DeltaException(DeltaErrorKind.NotFound, $"The table does not have the feature '{feature.Name}' by name.");
        }

        if (feature.Property is { } property && Properties.Flag(property))
        {
            throw new DeltaException(
                DeltaErrorKind.Argument, $"The feature '{feature.Name}' is in use: '{property}' is true.", $"Set '{property}' to false first.");
        }

        if (feature.IsReader || feature.Name is TableFeature.RowTracking or TableFeature.Clustering or TableFeature.DomainMetadata or TableFeature.InCommitTimestamp)
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported, $"The feature '{feature.Name}' cannot be dropped here: earlier versions need it to be read.");
        }

        _transaction.SetProtocol(protocol with
        {
            WriterFeatures = [.. protocol.WriterFeatures!.Where(name => !string.Equals(name, feature.Name, StringComparison.OrdinalIgnoreCase))],
        });
    }

    private void Replace(ColumnPath path, Func<StructField, StructField> change) => Set(Replaced(path, change));

    private DeltaType.Struct Replaced(ColumnPath path, Func<StructField, StructField> change) => In(Schema, path, 0, (record, name) =>
    {
        var field = Find(record, name, path);
        return new([.. record.Fields.Select(other => ReferenceEquals(other, field) ? change(field) : other)]);
    });

    /// <summary>Changes the struct that the last part of a path stands in.</summary>
    private static DeltaType.Struct In(DeltaType.Struct record, ColumnPath path, int depth, Func<DeltaType.Struct, string, DeltaType.Struct> change)
    {
        if (depth == path.Parts.Count - 1)
        {
            return change(record, path.Parts[depth]);
        }

        var field = Find(record, path.Parts[depth], path);
        return new([.. record.Fields.Select(other => ReferenceEquals(other, field) ? field with { Type = Into(field.Type, path, depth + 1, change) } : other)]);
    }

    private static DeltaType Into(DeltaType type, ColumnPath path, int depth, Func<DeltaType.Struct, string, DeltaType.Struct> change) => type switch
    {
        DeltaType.Struct inner => In(inner, path, depth, change),
        DeltaType.Array array when path.Parts[depth] == "element" && depth + 1 < path.Parts.Count =>
            array with { Element = Into(array.Element, path, depth + 1, change) },
        DeltaType.Map map when path.Parts[depth] == "key" && depth + 1 < path.Parts.Count => map with { Key = Into(map.Key, path, depth + 1, change) },
        DeltaType.Map map when path.Parts[depth] == "value" && depth + 1 < path.Parts.Count => map with { Value = Into(map.Value, path, depth + 1, change) },
        _ => throw new DeltaException(
            DeltaErrorKind.Schema, $"'{string.Join('.', path.Parts.Take(depth))}' has no field '{path.Parts[depth]}': it is of type {type}.") { Offset = path.Start },
    };

    private static StructField Find(DeltaType.Struct record, string name, ColumnPath path) => record.Find(name) ?? throw new DeltaException(
        DeltaErrorKind.Schema, $"The table has no column '{path}'.", $"There are {string.Join(", ", record.Fields.Select(field => field.Name))}.")
    {
        Offset = path.Start,
    };

    private static DeltaType.Struct Insert(DeltaType.Struct record, StructField field, ColumnPosition? position, ColumnPath path)
    {
        var fields = record.Fields.ToList();
        fields.Insert(position switch
        {
            null => fields.Count,
            { After: null } => 0,
            { After: { } after } => fields.IndexOf(Find(record, after, path)) + 1,
        }, field);
        return new(fields);
    }

    private void NeedsMapping(string what)
    {
        if (!new ColumnMapping(Properties).IsOn)
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported, $"Columns of this table cannot be {what}: its files have them under their names.",
                "Set 'delta.columnMapping.mode' to 'name' first.");
        }
    }

    private void NotUsed(ColumnPath column, string what, bool partitions = true)
    {
        var name = column.Parts[0];
        if (partitions && column.Parts.Count == 1 && _transaction.Metadata.PartitionColumns.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new DeltaException(DeltaErrorKind.Schema, $"Column '{name}' cannot be {what}: it partitions the table.") { Offset = column.Start };
        }

        var users = _transaction.Metadata.Configuration.Where(pair => pair.Key.StartsWith(ConstraintPrefix, StringComparison.OrdinalIgnoreCase))
            .Select(pair => (Text: pair.Value, Name: $"the constraint '{pair.Key[ConstraintPrefix.Length..]}'"))
            .Concat(Schema.Fields.Where(field => field.Text("delta.generationExpression") is not null)
                .Select(field => (Text: field.Text("delta.generationExpression")!, Name: $"the generated column '{field.Name}'")));
        foreach (var (text, user) in users)
        {
            if (SparkExpression.ColumnReferences(text).Any(path => string.Equals(path.Parts[0], name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new DeltaException(DeltaErrorKind.Schema, $"Column '{column}' cannot be {what}: {user} needs it.") { Offset = column.Start };
            }
        }

        if (Clustering.Columns(snapshot).Any(path => string.Equals(path[0], name, StringComparison.OrdinalIgnoreCase)) && partitions)
        {
            throw new DeltaException(DeltaErrorKind.Schema, $"Column '{name}' cannot be {what}: the table is clustered by it.") { Offset = column.Start };
        }
    }

    private static string Json(IReadOnlyDictionary<string, string> values) =>
        new JsonObject(values.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))).ToJsonString();
}
