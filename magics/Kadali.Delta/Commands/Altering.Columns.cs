using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>Columns of the table, and of structs in it.</summary>
internal sealed partial class Altering
{
    private void AddColumn(TableChange.AddColumn add, CancellationToken cancellationToken)
    {
        if (add.Definition.Generated is { } generated)
        {
            new DefinitionCheck(session.DuckDb, cancellationToken).Generated(
                add.Definition.Name, add.Definition.Type, generated, new([.. Schema.Fields, add.Definition.ToField()]));
        }

        if (add.Definition.Default is not null)
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported, $"Column '{add.Column}' cannot be added with a default: rows that are there would have none.",
                "Add it, then ALTER COLUMN … SET DEFAULT.") { Offset = add.Column.Start };
        }

        if (!add.Definition.Nullable)
        {
            throw new DeltaException(
                DeltaErrorKind.Schema, $"Column '{add.Column}' cannot be added as NOT NULL: rows that are there have no value for it.")
            {
                Offset = add.Column.Start,
            };
        }

        Set(In(Schema, add.Column, 0, (record, name) =>
        {
            if (record.Find(name) is not null)
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"The table has a column '{add.Column}' already.") { Offset = add.Column.Start };
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
                return field.With(
                    ColumnDefinition.StringLimit, change.LimitedString is null ? null : JsonValue.Create(change.LimitedString));
            }

            if (!TypeWidening.IsWider(type, change.Type))
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema,
                    $"Column '{change.Column}' cannot become {change.Type}: not all values of {type} are values of that.",
                    "Add a column and fill it by UPDATE, or write the table anew.") { Offset = change.Column.Start };
            }

            return Properties.TypeWidening
                ? TypeWidening.Widen(field, change.Type, inside)
                : throw new DeltaException(
                    DeltaErrorKind.Schema, $"Column '{change.Column}' cannot become {change.Type}: the table has no type widening.",
                    "Set 'delta.enableTypeWidening' to true first.") { Offset = change.Column.Start };
        });
    }

    private void ChangeNullability(TableChange.ChangeNullability change, CancellationToken cancellationToken)
    {
        if (!change.Nullable)
        {
            using var scan = TableScan.Of(session, storage, snapshot, snapshot.Files, ScanColumns.None, cancellationToken);
            var value = string.Join('.', change.Column.Parts.Select(DuckDb.Name));
            if (session.DuckDb.Scalar<long>(
                $"SELECT count(*) FROM ({scan.Sql}) WHERE {value} IS NULL", cancellationToken) is > 0 and var rows)
            {
                throw new DeltaException(
                    DeltaErrorKind.Constraint,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Column '{change.Column}' cannot become NOT NULL: {rows} row{(rows == 1 ? " has" : "s have")} no value there."))
                {
                    Offset = change.Column.Start,
                };
            }
        }

        Replace(change.Column, field => field with { Nullable = change.Nullable });
    }

    private void ChangeDefault(TableChange.ChangeDefault change, CancellationToken cancellationToken) => Replace(change.Column, field =>
    {
        if (change.Default is { } value)
        {
            new DefinitionCheck(session.DuckDb, cancellationToken).Default(field.Name, field.Type, value);
        }

        return field.With(Default, change.Default is { } text ? JsonValue.Create(text.Text) : null);
    });

    private void SyncIdentity(TableChange.SyncIdentity sync, CancellationToken cancellationToken) => Replace(sync.Column, field =>
    {
        if (!RowShape.IsIdentity(field))
        {
            throw new DeltaException(DeltaErrorKind.Argument, $"Column '{sync.Column}' is no identity column.")
            {
                Offset = sync.Column.Start,
            };
        }

        using var scan = TableScan.Of(session, storage, snapshot, snapshot.Files, ScanColumns.None, cancellationToken);
        var name = DuckDb.Name(field.Name);
        return session.DuckDb.Query(
            $"SELECT min({name}), max({name}) FROM ({scan.Sql}) HAVING count({name}) > 0",
            reader => (Least: reader.GetInt64(0), Greatest: reader.GetInt64(1)), cancellationToken) is [var range]
                ? RowShape.WithMark(field, RowShape.MarkOver(field, range.Least, range.Greatest)) : field;
    });

    private void Move(TableChange.MoveColumn move) => Set(In(Schema, move.Column, 0, (record, name) =>
    {
        var field = Find(record, name, move.Column);
        return Insert(new([.. record.Fields.Where(other => !ReferenceEquals(other, field))]), field, move.Position, move.Column);
    }));

    private void Replace(ColumnPath path, Func<StructField, StructField> change) => Set(Replaced(path, change));

    /// <summary>Changes the struct that the last part of a path stands in.</summary>
    private static DeltaType.Struct In(
        DeltaType.Struct record, ColumnPath path, int depth, Func<DeltaType.Struct, string, DeltaType.Struct> change)
    {
        if (depth == path.Parts.Count - 1)
        {
            return change(record, path.Parts[depth]);
        }

        var field = Find(record, path.Parts[depth], path);
        return new([.. record.Fields.Select(other => ReferenceEquals(other, field)
            ? field with { Type = Into(field.Type, path, depth + 1, change) }
            : other)]);
    }

    private static DeltaType Into(
        DeltaType type, ColumnPath path, int depth, Func<DeltaType.Struct, string, DeltaType.Struct> change) => type switch
    {
        DeltaType.Struct inner => In(inner, path, depth, change),
        DeltaType.Array array when path.Parts[depth] == "element" && depth + 1 < path.Parts.Count =>
            array with { Element = Into(array.Element, path, depth + 1, change) },
        DeltaType.Map map when path.Parts[depth] == "key" && depth + 1 < path.Parts.Count =>
            map with { Key = Into(map.Key, path, depth + 1, change) },
        DeltaType.Map map when path.Parts[depth] == "value" && depth + 1 < path.Parts.Count =>
            map with { Value = Into(map.Value, path, depth + 1, change) },
        _ => throw new DeltaException(
            DeltaErrorKind.Schema,
            $"'{string.Join('.', path.Parts.Take(depth))}' has no field '{path.Parts[depth]}': it is of type {type}.")
        {
            Offset = path.Start,
        },
    };

    private static StructField Find(DeltaType.Struct record, string name, ColumnPath path) => record.Find(name) ?? throw new DeltaException(
        DeltaErrorKind.Schema, $"The table has no column '{path}'.",
        $"There are {string.Join(", ", record.Fields.Select(field => field.Name))}.")
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
        if (partitions && column.Parts.Count == 1
            && _transaction.Metadata.PartitionColumns.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new DeltaException(
                DeltaErrorKind.Schema, $"Column '{name}' cannot be {what}: it partitions the table.") { Offset = column.Start };
        }

        var users = _transaction.Metadata.Configuration
            .Where(pair => pair.Key.StartsWith(ConstraintPrefix, StringComparison.OrdinalIgnoreCase))
            .Select(pair => (Text: pair.Value, Name: $"the constraint '{pair.Key[ConstraintPrefix.Length..]}'"))
            .Concat(Schema.Fields.Where(field => field.Text("delta.generationExpression") is not null)
                .Select(field => (Text: field.Text("delta.generationExpression")!, Name: $"the generated column '{field.Name}'")));
        foreach (var (text, user) in users)
        {
            if (SparkExpression.ColumnReferences(text).Any(path => string.Equals(path.Parts[0], name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"Column '{column}' cannot be {what}: {user} needs it.") { Offset = column.Start };
            }
        }

        if (Clustering.Columns(snapshot).Any(path => string.Equals(path[0], name, StringComparison.OrdinalIgnoreCase)) && partitions)
        {
            throw new DeltaException(
                DeltaErrorKind.Schema, $"Column '{name}' cannot be {what}: the table is clustered by it.") { Offset = column.Start };
        }
    }
}
