namespace Kadali.Delta;

/// <content><c>ALTER TABLE</c></content>
internal sealed partial class DeltaSqlParser
{
    private DeltaCommand.AlterTable Alter()
    {
        _cursor.Read();
        _cursor.Expect("TABLE");
        var table = _cursor.ReadTable();
        return Ended(new DeltaCommand.AlterTable(table, Changes()));
    }

    private IReadOnlyList<TableChange> Changes()
    {
        RefuseChange();
        if (_cursor.Try("ADD"))
        {
            return Add();
        }

        if (_cursor.Try("DROP"))
        {
            return [DropFrom()];
        }

        if (_cursor.Try("RENAME"))
        {
            if (_cursor.Try("TO"))
            {
                return [new TableChange.RenameTo(_cursor.ReadTable())];
            }

            _cursor.Try("COLUMN");
            var column = _cursor.ReadColumn();
            _cursor.Expect("TO");
            return [new TableChange.RenameColumn(column, _cursor.ReadName("the column's new name"))];
        }

        if (_cursor.Try("ALTER") || _cursor.Try("CHANGE"))
        {
            _cursor.Try("COLUMN");
            var changes = new List<TableChange>();
            do
            {
                changes.AddRange(AlterColumn());
            }
            while (_cursor.Try(","));
            return changes;
        }

        if (_cursor.Try("SET"))
        {
            _cursor.Expect("TBLPROPERTIES");
            return [new TableChange.SetProperties(_cursor.ReadProperties())];
        }

        if (_cursor.Try("UNSET"))
        {
            _cursor.Expect("TBLPROPERTIES");
            var ifExists = IfExists();
            return [new TableChange.UnsetProperties(_cursor.ReadList(_cursor.ReadPropertyKey), ifExists)];
        }

        if (_cursor.Try("CLUSTER"))
        {
            _cursor.Expect("BY");
            return [new TableChange.ClusterBy(_cursor.Try("NONE") ? [] : _cursor.ReadList(_cursor.ReadColumn))];
        }

        throw _cursor.Expected(
            "ADD COLUMN", "ADD CONSTRAINT", "DROP COLUMN", "DROP CONSTRAINT", "DROP FEATURE", "RENAME COLUMN", "RENAME TO", "ALTER COLUMN",
            "SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "CLUSTER BY");
    }

    private IReadOnlyList<TableChange> Add()
    {
        if (_cursor.Try("CONSTRAINT"))
        {
            var name = _cursor.ReadName("a constraint's name");
            _cursor.Expect("CHECK");
            return [new TableChange.AddCheck(new(name, _cursor.ReadBracketed()))];
        }

        if (!_cursor.Try("COLUMNS"))
        {
            _cursor.Try("COLUMN");
        }

        return _cursor.Is("(") ? _cursor.ReadList(AddedColumn) : [AddedColumn()];
    }

    private TableChange AddedColumn()
    {
        var path = _cursor.ReadColumn();
        var definition = ColumnRest(path.Parts[^1]);
        return new TableChange.AddColumn(path, definition, TryPosition());
    }

    private ColumnPosition? TryPosition() =>
        _cursor.Try("FIRST") ? new(null) : _cursor.Try("AFTER") ? new ColumnPosition(_cursor.ReadName("a column's name")) : null;

    private TableChange DropFrom()
    {
        if (_cursor.Try("CONSTRAINT"))
        {
            var ifThere = IfExists();
            return new TableChange.DropConstraint(_cursor.ReadName("a constraint's name"), ifThere);
        }

        if (_cursor.Try("FEATURE"))
        {
            var feature = _cursor.Current.Kind == SqlTokenKind.String ? _cursor.ReadString("a feature") : _cursor.ReadName("a feature");
            return new TableChange.DropFeature(feature, _cursor.Try("TRUNCATE", "HISTORY"));
        }

        if (!_cursor.Try("COLUMNS"))
        {
            _cursor.Try("COLUMN");
        }

        var ifExists = IfExists();
        return new TableChange.DropColumns(_cursor.Is("(") ? _cursor.ReadList(_cursor.ReadColumn) : [_cursor.ReadColumn()], ifExists);
    }

    private IEnumerable<TableChange> AlterColumn()
    {
        var column = _cursor.ReadColumn();
        if (_cursor.Try("SET", "DATA") || _cursor.Is("TYPE"))
        {
            _cursor.Expect("TYPE");
            var (type, limited) = TypeParser.Read(_cursor);
            return [new TableChange.ChangeType(column, type, limited)];
        }

        if (_cursor.Try("COMMENT"))
        {
            return [new TableChange.ChangeComment(column, _cursor.ReadString("a comment"))];
        }

        var sets = _cursor.Is("SET");
        if (_cursor.Try("SET", "NOT") || _cursor.Try("DROP", "NOT"))
        {
            _cursor.Expect("NULL");
            return [new TableChange.ChangeNullability(column, Nullable: !sets)];
        }

        if (_cursor.Try("SET", "DEFAULT"))
        {
            return [new TableChange.ChangeDefault(column, _cursor.ReadExpression())];
        }

        if (_cursor.Try("DROP", "DEFAULT"))
        {
            return [new TableChange.ChangeDefault(column, null)];
        }

        if (_cursor.Try("SYNC", "IDENTITY"))
        {
            return [new TableChange.SyncIdentity(column)];
        }

        return TryPosition() is { } position
            ? [new TableChange.MoveColumn(column, position)]
            : throw _cursor.Expected(
                "TYPE", "COMMENT", "SET NOT NULL", "DROP NOT NULL", "SET DEFAULT", "DROP DEFAULT", "SYNC IDENTITY", "FIRST", "AFTER");
    }
}
