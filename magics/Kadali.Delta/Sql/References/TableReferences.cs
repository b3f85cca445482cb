namespace Kadali.Delta;

/// <summary>
/// Finds the tables that a statement names, in Spark's or DuckDB's spelling: behind FROM, JOIN, INTO, USING and commas, in subqueries too.
/// What a WITH clause defines is no table. Nothing is understood beyond that, and nothing fails but a version that cannot be read.
/// </summary>
internal sealed class TableReferences
{
    private readonly SqlCursor _cursor;
    private readonly List<TableReference> _found = [];
    private bool _writes;
    private bool _usingIsTable;

    private TableReferences(string sql) => _cursor = new(sql);

    /// <summary>The tables, in the order in which they stand.</summary>
    /// <exception cref="DeltaException">It says AS OF and no version.</exception>
    public static IReadOnlyList<TableReference> Find(string sql)
    {
        var references = new TableReferences(sql);
        references.Begin();
        references.Level(null, query: true, expects: false);
        return references._found;
    }

    /// <summary>Names that a WITH clause has defined.</summary>
    private sealed record Defined(string Name, Defined? Outer);

    /// <summary>The first words say whether the table behind them is changed.</summary>
    private void Begin()
    {
        if (_cursor.Is("EXPLAIN"))
        {
            _cursor.Read();
            _cursor.Try("ANALYZE");
            if (_cursor.Is("("))
            {
                _cursor.SkipBrackets();
            }
        }

        if (_cursor.Try("UPDATE"))
        {
            Table(null, TableUse.Target);
        }
        else if (_cursor.IsAny("DELETE", "MERGE"))
        {
            (_writes, _usingIsTable) = (true, true);
        }
        else if (_cursor.Is("INSERT"))
        {
            _writes = true;
        }
        else if (_cursor.Try("COPY") && !_cursor.Is("("))
        {
            Table(null, TableUse.Rows, named: false);
            if (_cursor.Is("FROM") && _found.Count > 0)
            {
                _found[^1] = _found[^1] with { Use = TableUse.Target };
                _cursor.Read();
            }
        }
        else if (_cursor.IsAny("DESCRIBE", "DESC", "SUMMARIZE", "PIVOT", "UNPIVOT", "TABLE")
            && _cursor.Peek().Kind is SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes
            && !_cursor.Is(_cursor.Peek(), "SELECT"))
        {
            _cursor.Read();
            Table(null, TableUse.Rows, named: false);
        }
    }

    /// <summary>Reads to the bracket that closes this level, or to the end.</summary>
    /// <param name="defined">The names that are no tables.</param>
    /// <param name="query">Whether FROM begins a list of tables here; in a function's brackets it does not.</param>
    /// <param name="expects">Whether a table comes first.</param>
    private void Level(Defined? defined, bool query, bool expects)
    {
        Nesting.Check(_cursor.Current.Start);
        var lists = expects;
        var distinct = false;
        while (_cursor.Current.Kind is not (SqlTokenKind.End or SqlTokenKind.Unterminated) && !_cursor.Is(")"))
        {
            var word = Keyword();
            if (expects && word is not ("LATERAL" or "VALUES" or "SELECT" or "WITH" or "FROM"))
            {
                Table(defined, TableUse.Rows);
                expects = false;
                continue;
            }

            switch (word)
            {
                case "(":
                    _cursor.Read();
                    Level(defined, BeginsQuery(), expects: false);
                    distinct = false;
                    continue;
                case "WITH" when !lists:
                    _cursor.Read();
                    defined = With(defined);
                    continue;
                case "SELECT":
                    (query, lists, expects) = (true, false, false);
                    break;
                case "FROM" when query && !distinct:
                    _cursor.Read();
                    (lists, expects) = (true, !Target(ref _writes, defined));
                    continue;
                case "INTO" when _writes:
                    _cursor.Read();
                    _cursor.Try("TABLE");
                    Target(ref _writes, defined);
                    continue;
                case "OVERWRITE" when _writes:
                    _cursor.Read();
                    _cursor.Try("INTO");
                    _cursor.Try("TABLE");
                    Target(ref _writes, defined);
                    continue;
                case "JOIN":
                    (lists, expects) = (true, true);
                    break;
                case "USING" when _usingIsTable:
                    _usingIsTable = false;
                    (lists, expects) = (true, true);
                    break;
                case "TABLE" when _cursor.Peek().Kind is SqlTokenKind.Word or SqlTokenKind.Backticks && query && !lists && _found.Count > 0:
                    _cursor.Read();
                    Table(defined, TableUse.Rows, named: false);
                    continue;
                case ",":
                    expects = lists;
                    break;
                case "WHERE" or "GROUP" or "HAVING" or "ORDER" or "LIMIT" or "OFFSET" or "QUALIFY" or "WINDOW" or "UNION" or "EXCEPT"
                    or "INTERSECT" or "SET" or "RETURNING" or "WHEN":
                    lists = false;
                    break;
            }

            distinct = word == "DISTINCT";
            _cursor.Read();
        }

        if (_cursor.Is(")"))
        {
            _cursor.Read();
        }
    }

    /// <summary>Reads the table that a statement changes, if it has not been read yet.</summary>
    private bool Target(ref bool writes, Defined? defined)
    {
        if (!writes)
        {
            return false;
        }

        writes = false;
        Table(defined, TableUse.Target);
        return true;
    }

    /// <summary>A table, a query or list of tables in brackets, a table function or a file.</summary>
    /// <param name="named">Whether a name of its own may stand behind it.</param>
    private void Table(Defined? defined, TableUse use, bool named = true)
    {
        if (_cursor.Try("("))
        {
            var query = BeginsQuery();
            Level(defined, query, expects: !query);
            return;
        }

        if (!IsName())
        {
            _cursor.Read();
            return;
        }

        var start = _cursor.Current.Start;
        var table = _cursor.ReadTable();
        if (_cursor.Is("(") && use != TableUse.Target)
        {
            Function(table, start, defined);
            return;
        }

        table = table.AsOf is null ? table with { AsOf = _cursor.TryReadTimeTravel() } : table;
        table = table with { Length = _cursor.LastEnd - start };
        if (table is { Path: null, Parts: [var name] } && IsDefined(defined, name))
        {
            return;
        }

        _found.Add(new(table, start, _cursor.LastEnd) { Use = use, HasAlias = !named || HasAlias() });
    }

    /// <summary>Functions that give rows of a Delta table; others may have queries among their arguments.</summary>
    private void Function(TableRef function, int start, Defined? defined)
    {
        var name = function.Parts is [var only] ? only.ToLowerInvariant() : "";
        if (name is not ("table_changes" or "table_changes_by_path" or "delta_scan") || _cursor.Peek().Kind != SqlTokenKind.String)
        {
            _cursor.Read();
            Level(defined, BeginsQuery(), expects: false);
            return;
        }

        _cursor.Read();
        var place = _cursor.Current.Start;
        var text = _cursor.ReadString("a table");
        var range = new List<SqlPart>();
        while (_cursor.Try(","))
        {
            range.Add(_cursor.ReadExpression());
        }

        _cursor.Expect(")");
        var table = name == "table_changes" ? Named(text) : TableRef.OfPath(text);
        _found.Add(new(table with { Start = place, Length = text.Length + 2 }, start, _cursor.LastEnd)
        {
            Use = name == "delta_scan" ? TableUse.Rows : TableUse.Changes, Range = range, HasAlias = HasAlias(),
        });
    }

    /// <summary>A table's name in a string.</summary>
    private static TableRef Named(string text) => new SqlCursor(text).ReadTable();

    /// <summary><c>name [(columns)] AS [[NOT] MATERIALIZED] (…), …</c></summary>
    private Defined? With(Defined? defined)
    {
        var recursive = _cursor.Try("RECURSIVE");
        while (IsName())
        {
            var name = _cursor.ReadName("a name");
            if (_cursor.Is("("))
            {
                _cursor.SkipBrackets();
            }

            while (_cursor.IsAny("AS", "NOT", "MATERIALIZED"))
            {
                _cursor.Read();
            }

            if (_cursor.Try("("))
            {
                Level(recursive ? new(name, defined) : defined, BeginsQuery(), expects: false);
            }

            defined = new(name, defined);
            if (!_cursor.Try(","))
            {
                break;
            }
        }

        return defined;
    }

    private bool IsName() => _cursor.Current.Kind == SqlTokenKind.Word
        || (_cursor.Current.Kind is SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes && _cursor.Current.Length > 2);

    private bool BeginsQuery() =>
        _cursor.IsAny("SELECT", "FROM", "WITH", "VALUES", "TABLE", "DESCRIBE", "SUMMARIZE", "PIVOT", "UNPIVOT", "(");

    private bool HasAlias() => _cursor.Is("AS") || _cursor.Current.Kind is SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes
        || (_cursor.Current.Kind == SqlTokenKind.Word && !IsReserved(_cursor.TextOf(_cursor.Current)));

    private static bool IsDefined(Defined? defined, string name)
    {
        for (; defined is not null; defined = defined.Outer)
        {
            if (defined.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Words that stand behind a table and are no alias.</summary>
    private static bool IsReserved(ReadOnlySpan<char> word)
    {
        if (word.Length > 12)
        {
            return false;
        }

        Span<char> upper = stackalloc char[word.Length];
        word.ToUpperInvariant(upper);
        return upper is "WHERE" or "GROUP" or "HAVING" or "ORDER" or "LIMIT" or "OFFSET" or "QUALIFY" or "WINDOW" or "UNION" or "EXCEPT"
            or "INTERSECT" or "SET" or "RETURNING" or "ON" or "USING" or "JOIN" or "LEFT" or "RIGHT" or "INNER" or "FULL" or "CROSS"
            or "ASOF" or "SEMI" or "ANTI" or "NATURAL" or "POSITIONAL" or "LATERAL" or "TABLESAMPLE" or "SAMPLE" or "SELECT" or "VALUES"
            or "WHEN" or "PIVOT" or "UNPIVOT" or "TO" or "FROM" or "BY" or "REPLACE" or "PARTITION" or "GLOBAL"
            or "MINUS" or "WITH" or "DEFAULT";
    }

    /// <summary>The word or mark that stands here, in capitals where it means something to <see cref="Level"/>; else null.</summary>
    private string? Keyword()
    {
        var token = _cursor.Current;
        var text = _cursor.TextOf(token);
        if (token.Kind == SqlTokenKind.Symbol)
        {
            return text is "(" ? "(" : text is "," ? "," : null;
        }

        if (token.Kind != SqlTokenKind.Word || text.Length is < 3 or > 9)
        {
            return null;
        }

        Span<char> upper = stackalloc char[text.Length];
        text.ToUpperInvariant(upper);
        return upper switch
        {
            "FROM" => "FROM", "SELECT" => "SELECT", "WITH" => "WITH", "JOIN" => "JOIN", "INTO" => "INTO", "OVERWRITE" => "OVERWRITE",
            "USING" => "USING", "TABLE" => "TABLE", "WHERE" => "WHERE", "GROUP" => "GROUP", "HAVING" => "HAVING", "ORDER" => "ORDER",
            "LIMIT" => "LIMIT", "OFFSET" => "OFFSET", "QUALIFY" => "QUALIFY", "WINDOW" => "WINDOW", "UNION" => "UNION",
            "EXCEPT" => "EXCEPT", "INTERSECT" => "INTERSECT", "SET" => "SET", "RETURNING" => "RETURNING", "WHEN" => "WHEN",
            "DISTINCT" => "DISTINCT",
            "LATERAL" => "LATERAL", "VALUES" => "VALUES",
            _ => null,
        };
    }
}
