namespace Kadali.Delta;

/// <content>Statements that change rows.</content>
internal sealed partial class DeltaSqlParser
{
    private const string ManyTables = "A row of a Delta table is changed from other tables by MERGE INTO … USING … ON … WHEN MATCHED.";

    private DeltaCommand.Insert Insert()
    {
        _cursor.Read();
        var evolves = SchemaEvolution();
        var overwrite = _cursor.Try("OVERWRITE");
        if (!overwrite && !_cursor.Try("INTO"))
        {
            throw _cursor.Expected("INTO", "OVERWRITE");
        }

        if (overwrite)
        {
            _cursor.Try("INTO");
        }

        _cursor.Try("TABLE");
        var insert = new DeltaCommand.Insert(_cursor.ReadTable(), default) { Overwrite = overwrite, SchemaEvolution = evolves };
        insert = insert with { ByName = _cursor.Try("BY", "NAME") };
        if (_cursor.Try("REPLACE", "WHERE"))
        {
            insert = insert with { ReplaceWhere = _cursor.ReadExpression("SELECT", "VALUES", "WITH", "FROM", "TABLE") };
        }
        else if (_cursor.Try("PARTITION"))
        {
            insert = insert with { Partition = _cursor.ReadList(PartitionValue) };
            if (_cursor.Is("IF"))
            {
                throw Unsupported(
                    "IF NOT EXISTS cannot stand here for a Delta table.", _cursor.Current.Start,
                    "MERGE INTO … WHEN NOT MATCHED THEN INSERT writes only rows that are not there.");
            }
        }

        if (_cursor.Is("(") && !BeginsQuery(_cursor.Peek()))
        {
            insert = insert with { Columns = _cursor.ReadList(_cursor.ReadColumn) };
        }
        else if (_cursor.Try("BY", "NAME"))
        {
            insert = insert with { ByName = true };
        }
        else
        {
            _cursor.Try("BY", "POSITION");
        }

        if (!_cursor.IsAny("SELECT", "VALUES", "WITH", "FROM", "TABLE", "DEFAULT", "("))
        {
            throw _cursor.Expected("VALUES", "SELECT", "WITH", "TABLE", "BY NAME", "PARTITION", "REPLACE WHERE", "columns in brackets");
        }

        insert = insert with { Source = _cursor.ReadRest(until: "RETURNING") };
        RefuseReturning();
        return insert;
    }

    private bool SchemaEvolution()
    {
        var evolves = _cursor.Try("WITH", "SCHEMA");
        if (evolves)
        {
            _cursor.Expect("EVOLUTION");
        }

        return evolves;
    }

    private bool BeginsQuery(SqlToken token) => _cursor.Is(token, "SELECT") || _cursor.Is(token, "WITH") || _cursor.Is(token, "FROM")
        || _cursor.Is(token, "VALUES") || _cursor.Is(token, "(");

    private DeltaCommand.PartitionValue PartitionValue()
    {
        var column = _cursor.ReadName("a partition column");
        return new(column, _cursor.Try("=") || _cursor.Try("==") ? _cursor.ReadExpression() : null);
    }

    private DeltaCommand.Update Update()
    {
        _cursor.Read();
        var table = _cursor.ReadTable();
        var alias = TargetAlias("UPDATE", "SET");
        _cursor.Expect("SET");
        var set = Assignments("WHERE", "FROM", "RETURNING");
        RefuseMany("FROM");
        return Ended(new DeltaCommand.Update(table, set) { Alias = alias, Where = TryWhere() }, ",", "WHERE");
    }

    private DeltaCommand.Delete Delete()
    {
        _cursor.Read();
        _cursor.Expect("FROM");
        var table = _cursor.ReadTable();
        var alias = TargetAlias("DELETE", "WHERE", "USING", "RETURNING");
        RefuseMany("USING");
        return Ended(new DeltaCommand.Delete(table) { Alias = alias, Where = TryWhere() }, "WHERE");
    }

    /// <summary>What the statement calls the table that it changes. The table's columns keep their names, as in Spark.</summary>
    private string? TargetAlias(string statement, params ReadOnlySpan<string> until)
    {
        var alias = _cursor.TryReadAlias(until);
        return alias is null || !_cursor.Is("(") ? alias : throw SqlCursor.Failure(
            $"{statement} cannot give the columns of the table that it changes other names.", _cursor.Current.Start,
            "Leave the brackets away.");
    }

    /// <summary>A statement behind <c>WITH name [(columns)] AS (…), …</c></summary>
    private DeltaCommand.RowCommand AfterWith()
    {
        var start = _cursor.Current.Start;
        _cursor.SkipWith();
        var with = new SqlPart(_cursor.Text[start.._cursor.LastEnd], start);
        DeltaCommand.RowCommand command = _cursor.Is("INSERT") ? Insert()
            : _cursor.Is("UPDATE") ? Update()
            : _cursor.Is("DELETE") ? Delete()
            : _cursor.Is("MERGE") ? Merge()
            : throw _cursor.Expected("INSERT", "UPDATE", "DELETE", "MERGE");
        return command with { With = with };
    }

    private List<DeltaCommand.Assignment> Assignments(params string[] until)
    {
        var set = new List<DeltaCommand.Assignment>();
        do
        {
            var column = _cursor.ReadColumn();
            if (!_cursor.Try("=") && !_cursor.Try("=="))
            {
                throw _cursor.Expected("=");
            }

            set.Add(new(column, _cursor.ReadExpression(until)));
        }
        while (_cursor.Try(","));
        return set;
    }

    private SqlPart? TryWhere()
    {
        SqlPart? where = _cursor.Try("WHERE") ? _cursor.ReadExpression("RETURNING") : null;
        RefuseReturning();
        return where;
    }

    private void RefuseMany(string word)
    {
        if (_cursor.Is(word))
        {
            throw SqlCursor.Failure($"{word} cannot stand here for a Delta table.", _cursor.Current.Start, ManyTables);
        }
    }

    private void RefuseReturning()
    {
        if (_cursor.Is("RETURNING"))
        {
            throw SqlCursor.Failure(
                "RETURNING gives no rows of Delta tables.", _cursor.Current.Start,
                "Turn delta.enableChangeDataFeed on and read table_changes('table', version).");
        }
    }
}
