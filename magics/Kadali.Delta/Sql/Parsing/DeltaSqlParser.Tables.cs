namespace Kadali.Delta;

/// <content>Tables and databases: made, dropped, cloned, converted.</content>
internal sealed partial class DeltaSqlParser
{
    private DeltaCommand Create()
    {
        var mode = DeltaCommand.CreateMode.Create;
        if (_cursor.Try("REPLACE"))
        {
            mode = DeltaCommand.CreateMode.Replace;
        }
        else
        {
            _cursor.Read();
            if (_cursor.IsAny("DATABASE", "SCHEMA"))
            {
                return CreateDatabase();
            }

            if (_cursor.Try("OR"))
            {
                _cursor.Expect("REPLACE");
                mode = DeltaCommand.CreateMode.OrReplace;
            }
        }

        // An external table is one with a LOCATION.
        if (mode == DeltaCommand.CreateMode.Create)
        {
            _cursor.Try("EXTERNAL");
        }

        if (!_cursor.Try("TABLE"))
        {
            throw mode == DeltaCommand.CreateMode.Create
                ? _cursor.Expected("TABLE", "DATABASE", "OR REPLACE TABLE") : _cursor.Expected("TABLE");
        }

        if (IfNotExists())
        {
            mode = DeltaCommand.CreateMode.IfNotExists;
        }

        var table = _cursor.ReadTable();
        if (_cursor.Is("SHALLOW") || _cursor.Is("DEEP") || _cursor.Is("CLONE"))
        {
            return Clone(table, mode);
        }

        var create = new DeltaCommand.CreateTable(table) { Mode = mode };
        if (_cursor.Try("LIKE"))
        {
            create = create with { Like = _cursor.ReadTable() };
        }
        else if (_cursor.Is("("))
        {
            create = Columns(create);
        }

        return TableClauses(create);
    }

    private DeltaCommand.CreateTable TableClauses(DeltaCommand.CreateTable create)
    {
        while (true)
        {
            if (_cursor.Try("USING"))
            {
                var place = _cursor.Current.Start;
                var provider = _cursor.ReadName("DELTA");
                if (!provider.Equals("delta", StringComparison.OrdinalIgnoreCase))
                {
                    throw SqlCursor.Failure($"Tables of the warehouse are Delta tables, not '{provider}'.", place, "Write USING DELTA.");
                }
            }
            else if (_cursor.Is("PARTITIONED"))
            {
                create = PartitionedBy(create);
            }
            else if (_cursor.Try("CLUSTER"))
            {
                _cursor.Expect("BY");
                if (_cursor.Is("AUTO"))
                {
                    throw Unsupported(
                        "CLUSTER BY AUTO is chosen by Databricks' service.", _cursor.Current.Start, "Name the columns: CLUSTER BY (a, b).");
                }

                create = create with { ClusterBy = _cursor.ReadList(_cursor.ReadColumn) };
            }
            else if (_cursor.Try("LOCATION"))
            {
                create = create with { Location = _cursor.ReadString("a path in quotes") };
            }
            else if (_cursor.Try("COMMENT"))
            {
                create = create with { Comment = _cursor.ReadString("a comment") };
            }
            else if (_cursor.Try("TBLPROPERTIES") || _cursor.Try("OPTIONS"))
            {
                create = create with { Properties = _cursor.ReadProperties() };
            }
            else if (_cursor.Try("AS") || _cursor.IsAny("SELECT", "WITH", "VALUES"))
            {
                return create with { Query = _cursor.ReadRest() };
            }
            else
            {
                return Ended(
                    create, "USING DELTA", "PARTITIONED BY", "CLUSTER BY", "LOCATION", "COMMENT", "TBLPROPERTIES", "AS");
            }
        }
    }

    private DeltaCommand.CloneTable Clone(TableRef table, DeltaCommand.CreateMode mode)
    {
        var shallow = _cursor.Try("SHALLOW");
        if (!shallow)
        {
            _cursor.Try("DEEP");
        }

        _cursor.Expect("CLONE");
        var clone = new DeltaCommand.CloneTable(table, _cursor.ReadTable(travels: true), shallow) { Mode = mode };
        while (true)
        {
            if (_cursor.Try("TBLPROPERTIES"))
            {
                clone = clone with { Properties = _cursor.ReadProperties() };
            }
            else if (_cursor.Try("LOCATION"))
            {
                clone = clone with { Location = _cursor.ReadString("a path in quotes") };
            }
            else
            {
                return Ended(clone, "VERSION AS OF", "TIMESTAMP AS OF", "TBLPROPERTIES", "LOCATION");
            }
        }
    }

    private DeltaCommand.ConvertToDelta Convert()
    {
        _cursor.Read();
        _cursor.Expect("TO", "DELTA");
        var place = _cursor.Current.Start;
        var format = _cursor.ReadName("parquet.`path`");
        if (!format.Equals("parquet", StringComparison.OrdinalIgnoreCase))
        {
            throw SqlCursor.Failure("CONVERT TO DELTA takes a folder of Parquet files.", place, "Write it as parquet.`path`.");
        }

        _cursor.Expect(".");
        var path = _cursor.Current.Kind == SqlTokenKind.String ? _cursor.ReadString("a path") : _cursor.ReadName("a path in backticks");
        var statistics = !_cursor.Try("NO", "STATISTICS");
        IReadOnlyList<ColumnDefinition> columns = [];
        if (_cursor.Try("PARTITIONED"))
        {
            _cursor.Expect("BY");
            columns = _cursor.ReadList(Column);
        }

        statistics &= !_cursor.Try("NO", "STATISTICS");
        return Ended(new DeltaCommand.ConvertToDelta(path, columns, statistics), "NO STATISTICS", "PARTITIONED BY");
    }

    private DeltaCommand.CreateDatabase CreateDatabase()
    {
        _cursor.Read();
        var ifNotExists = IfNotExists();
        var create = new DeltaCommand.CreateDatabase(_cursor.ReadName("a database's name"), ifNotExists);
        while (true)
        {
            if (_cursor.Try("COMMENT"))
            {
                create = create with { Comment = _cursor.ReadString("a comment") };
            }
            else if (_cursor.Try("LOCATION"))
            {
                create = create with { Location = _cursor.ReadString("a path in quotes") };
            }
            else if (_cursor.Is("WITH"))
            {
                throw Unsupported(
                    "A database is a folder of the warehouse, and keeps no properties.", _cursor.Current.Start,
                    "Leave WITH DBPROPERTIES away.");
            }
            else
            {
                return Ended(create, "COMMENT", "LOCATION");
            }
        }
    }

    private DeltaCommand Drop()
    {
        _cursor.Read();
        if (_cursor.Try("DATABASE") || _cursor.Try("SCHEMA"))
        {
            var ifThere = IfExists();
            var name = _cursor.ReadName("a database's name");
            var cascade = _cursor.Try("CASCADE");
            if (!cascade)
            {
                _cursor.Try("RESTRICT");
            }

            return Ended(new DeltaCommand.DropDatabase(name, ifThere, cascade), "CASCADE");
        }

        if (!_cursor.Try("TABLE"))
        {
            throw _cursor.Expected("TABLE", "DATABASE");
        }

        var ifExists = IfExists();
        var table = _cursor.ReadTable();
        return Ended(new DeltaCommand.DropTable(table, ifExists, _cursor.Try("PURGE")), "PURGE");
    }

    private DeltaCommand.Truncate Truncate()
    {
        _cursor.Read();
        _cursor.Try("TABLE");
        var table = _cursor.ReadTable();
        return _cursor.Is("PARTITION")
            ? throw Unsupported(
                "TRUNCATE TABLE empties a Delta table as a whole.", _cursor.Current.Start, "DELETE FROM … WHERE takes a partition.")
            : Ended(new DeltaCommand.Truncate(table));
    }

    private DeltaCommand CommentOn()
    {
        _cursor.Read();
        _cursor.Expect("ON");
        if (_cursor.Try("COLUMN"))
        {
            var column = _cursor.ReadColumn();
            if (column.Parts.Count < 2)
            {
                throw SqlCursor.Failure(
                    "A column is named with its table here.", column.Start, "Write COMMENT ON COLUMN table.column IS 'text'.");
            }

            _cursor.Expect("IS");
            var text = _cursor.Try("NULL") ? "" : _cursor.ReadString("a comment");
            var of = new TableRef([.. column.Parts.SkipLast(1)], null, null, column.Start);
            return Ended(new DeltaCommand.AlterTable(of, [new TableChange.ChangeComment(new([column.Parts[^1]], column.Start), text)]));
        }

        _cursor.Expect("TABLE");
        var table = _cursor.ReadTable();
        _cursor.Expect("IS");
        return Ended(new DeltaCommand.CommentOn(table, _cursor.Try("NULL") ? null : _cursor.ReadString("a comment")));
    }

    private DeltaCommand.Use Use()
    {
        _cursor.Read();
        if (!_cursor.Try("DATABASE"))
        {
            _cursor.Try("SCHEMA");
        }

        return Ended(new DeltaCommand.Use(_cursor.ReadName("a database's name")));
    }

    private bool IfNotExists()
    {
        if (!_cursor.Try("IF"))
        {
            return false;
        }

        _cursor.Expect("NOT", "EXISTS");
        return true;
    }

    private bool IfExists()
    {
        if (!_cursor.Try("IF"))
        {
            return false;
        }

        _cursor.Expect("EXISTS");
        return true;
    }
}
