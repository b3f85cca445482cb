namespace Kadali.Delta;

/// <content>Definitions of columns.</content>
internal sealed partial class DeltaSqlParser
{
    private DeltaCommand.CreateTable Columns(DeltaCommand.CreateTable create)
    {
        var (columns, checks) = (new List<ColumnDefinition>(), new List<CheckDefinition>());
        _cursor.ReadList(() =>
        {
            if (_cursor.Is("CONSTRAINT") || _cursor.Is("CHECK", "("))
            {
                var place = _cursor.Current.Start;
                var name = _cursor.Try("CONSTRAINT") ? _cursor.ReadName("a constraint's name") : $"check_{checks.Count + 1}";
                if (!_cursor.Try("CHECK"))
                {
                    throw SqlCursor.Failure("Delta tables keep no keys: of constraints they know CHECK and NOT NULL.", place);
                }

                checks.Add(new(name, _cursor.ReadBracketed()));
                return name;
            }

            columns.Add(Column());
            return columns[^1].Name;
        });
        return create with { Columns = columns, Checks = checks };
    }

    /// <summary>A name, a type, and what may stand behind them in any order.</summary>
    private ColumnDefinition Column()
    {
        var name = _cursor.ReadName("a column's name");
        return ColumnRest(name);
    }

    private ColumnDefinition ColumnRest(string name)
    {
        var (type, limited) = TypeParser.Read(_cursor);
        var column = new ColumnDefinition(name, type) { LimitedString = limited };
        while (true)
        {
            if (_cursor.Try("NOT"))
            {
                _cursor.Expect("NULL");
                column = column with { Nullable = false };
            }
            else if (_cursor.Is("NULL"))
            {
                _cursor.Read();
            }
            else if (_cursor.Try("COMMENT"))
            {
                column = column with { Comment = _cursor.ReadString("a comment") };
            }
            else if (_cursor.Try("DEFAULT"))
            {
                column = column with { Default = _cursor.ReadExpression("NOT", "COMMENT", "GENERATED", "FIRST", "AFTER") };
            }
            else if (_cursor.Try("GENERATED"))
            {
                column = Generated(column);
            }
            else
            {
                return column;
            }
        }
    }

    private ColumnDefinition Generated(ColumnDefinition column)
    {
        var byDefault = _cursor.Try("BY");
        _cursor.Expect(byDefault ? "DEFAULT" : "ALWAYS", "AS");
        if (!byDefault && _cursor.Is("("))
        {
            return column with { Generated = _cursor.ReadBracketed() };
        }

        if (!_cursor.Try("IDENTITY"))
        {
            throw byDefault ? _cursor.Expected("IDENTITY") : _cursor.Expected("IDENTITY", "an expression in brackets");
        }

        var identity = new IdentityDefinition(AllowsExplicit: byDefault);
        if (_cursor.Try("("))
        {
            while (!_cursor.Try(")"))
            {
                if (_cursor.Try("START"))
                {
                    _cursor.Expect("WITH");
                    identity = identity with { Start = _cursor.ReadSigned("a number") };
                }
                else if (_cursor.Try("INCREMENT"))
                {
                    _cursor.Expect("BY");
                    var place = _cursor.Current.Start;
                    identity = identity with { Step = _cursor.ReadSigned("a number") };
                    if (identity.Step == 0)
                    {
                        throw SqlCursor.Failure("An identity column cannot be incremented by 0.", place);
                    }
                }
                else
                {
                    throw _cursor.Expected("START WITH", "INCREMENT BY", ")");
                }

                _cursor.Try(",");
            }
        }

        return column with { Identity = identity };
    }

    /// <summary>Names of columns, or definitions of columns that come behind the others.</summary>
    private DeltaCommand.CreateTable PartitionedBy(DeltaCommand.CreateTable create)
    {
        _cursor.Read();
        _cursor.Expect("BY");
        var (names, columns) = (new List<string>(), create.Columns.ToList());
        _cursor.ReadList(() =>
        {
            var place = _cursor.Current.Start;
            var name = _cursor.ReadName("a column's name");
            if (_cursor.Is("("))
            {
                throw SqlCursor.Failure(
                    $"Delta tables are partitioned by columns, not by '{name}(…)'.", place,
                    "Add a column GENERATED ALWAYS AS that expression, and partition by it.");
            }

            if (_cursor.Current.Kind == SqlTokenKind.Word)
            {
                columns.Add(ColumnRest(name));
            }

            names.Add(name);
            return name;
        });
        return create with { Columns = columns, PartitionedBy = names };
    }
}
