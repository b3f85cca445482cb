namespace Kadali.Delta;

/// <content>MERGE.</content>
internal sealed partial class DeltaSqlParser
{
    private DeltaCommand.Merge Merge()
    {
        _cursor.Read();
        var evolves = SchemaEvolution();
        _cursor.Expect("INTO");
        var table = _cursor.ReadTable();
        var alias = TargetAlias("MERGE", "USING");
        _cursor.Expect("USING");
        var source = MergeSource();
        var sourceAlias = _cursor.TryReadAlias("ON", "USING");
        var sourceColumns = sourceAlias is not null && _cursor.Is("(") ? _cursor.ReadList(() => _cursor.ReadName("a column's name")) : null;
        if (_cursor.Is("USING"))
        {
            throw SqlCursor.Failure("MERGE says with ON which rows belong together.", _cursor.Current.Start, "Write ON a.key = b.key.");
        }

        _cursor.Expect("ON");
        var on = _cursor.ReadExpression("WHEN");
        var clauses = new List<DeltaCommand.MergeClause>();
        while (_cursor.Try("WHEN"))
        {
            clauses.Add(MergeClause());
        }

        if (clauses.Count == 0)
        {
            throw _cursor.Expected("WHEN MATCHED", "WHEN NOT MATCHED", "WHEN NOT MATCHED BY SOURCE");
        }

        RefuseReturning();
        return Ended(
            new DeltaCommand.Merge(table, source, on, clauses)
            {
                Alias = alias, SourceAlias = sourceAlias, SourceColumns = sourceColumns, SchemaEvolution = evolves,
            },
            "WHEN");
    }

    /// <summary>A query in brackets, a table function, or a table.</summary>
    private SqlPart MergeSource()
    {
        var start = _cursor.Current.Start;
        if (_cursor.Is("("))
        {
            _cursor.SkipBrackets();
        }
        else if (_cursor.Is("VALUES", "("))
        {
            throw SqlCursor.Failure("A source of MERGE that is no table stands in brackets.", start, "Write USING (VALUES …) AS s(a, b).");
        }
        else if (_cursor.Current.Kind == SqlTokenKind.String)
        {
            // DuckDB reads files by their names.
            _cursor.Read();
        }
        else
        {
            _cursor.ReadTable();
            if (_cursor.Is("("))
            {
                _cursor.SkipBrackets();
            }

            _cursor.TryReadTimeTravel();
        }

        return new(_cursor.Text[start.._cursor.LastEnd], start);
    }

    private DeltaCommand.MergeClause MergeClause()
    {
        var match = DeltaCommand.MergeMatch.Matched;
        if (_cursor.Try("NOT"))
        {
            _cursor.Expect("MATCHED");
            match = DeltaCommand.MergeMatch.NotMatched;
            if (_cursor.Try("BY"))
            {
                match = _cursor.Try("SOURCE") ? DeltaCommand.MergeMatch.NotMatchedBySource
                    : _cursor.Try("TARGET") ? match : throw _cursor.Expected("SOURCE", "TARGET");
            }
        }
        else if (!_cursor.Try("MATCHED"))
        {
            throw _cursor.Expected("MATCHED", "NOT MATCHED");
        }

        SqlPart? condition = _cursor.Try("AND") ? _cursor.ReadExpression("THEN") : null;
        if (!_cursor.Try("THEN"))
        {
            throw condition is null ? _cursor.Expected("AND", "THEN") : _cursor.Expected("THEN");
        }

        return new(match, condition, MergeAction(match));
    }

    private DeltaCommand.MergeAction MergeAction(DeltaCommand.MergeMatch match)
    {
        if (match == DeltaCommand.MergeMatch.NotMatched)
        {
            _cursor.Expect("INSERT");
            return MergeInsert();
        }

        if (_cursor.Try("DELETE"))
        {
            return new DeltaCommand.MergeAction.Delete();
        }

        if (!_cursor.Try("UPDATE"))
        {
            throw _cursor.Expected("UPDATE SET", "DELETE");
        }

        // DuckDB lets SET * away. A row that the source has not cannot take its values.
        var hasSource = match == DeltaCommand.MergeMatch.Matched;
        if (hasSource && (_cursor.AtEnd || _cursor.Is("WHEN")))
        {
            return new DeltaCommand.MergeAction.UpdateAll();
        }

        _cursor.Expect("SET");
        return hasSource && _cursor.Try("*")
            ? new DeltaCommand.MergeAction.UpdateAll()
            : new DeltaCommand.MergeAction.Update(Assignments("WHEN", "RETURNING"));
    }

    private DeltaCommand.MergeAction MergeInsert()
    {
        if (_cursor.Try("*") || _cursor.AtEnd || _cursor.Is("WHEN"))
        {
            return new DeltaCommand.MergeAction.InsertAll();
        }

        IReadOnlyList<ColumnPath>? columns = _cursor.Is("(") ? _cursor.ReadList(_cursor.ReadColumn) : null;
        _cursor.Expect("VALUES");
        var place = _cursor.Current.Start;
        var values = _cursor.ReadList(() => _cursor.ReadExpression());
        if (columns is not null && columns.Count != values.Count)
        {
            throw SqlCursor.Failure($"INSERT names {columns.Count} columns and gives {values.Count} values.", place);
        }

        return new DeltaCommand.MergeAction.Insert(
            [.. values.Select((value, i) => new DeltaCommand.Assignment(columns?[i] ?? new ColumnPath([]), value))]);
    }
}
