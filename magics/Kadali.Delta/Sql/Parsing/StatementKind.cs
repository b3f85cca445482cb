namespace Kadali.Delta;

/// <summary>Whose statement it is.</summary>
internal enum StatementOwner
{
    /// <summary>DuckDB's alone: <c>SELECT</c> and all that Delta does not know.</summary>
    DuckDb,

    /// <summary>Delta's: nothing else says it this way.</summary>
    Delta,

    /// <summary>It depends on what the name in it stands for.</summary>
    OfName,
}

/// <param name="Name">The table or database that decides, where the owner is <see cref="StatementOwner.OfName"/>; null for a statement
/// about all tables, such as <c>SHOW TABLES</c>.</param>
/// <param name="IsDatabase">Whether the name is a database's.</param>
internal readonly record struct StatementKind(StatementOwner Owner, TableRef? Name = null, bool IsDatabase = false)
{
    private static readonly StatementKind DuckDb = new(StatementOwner.DuckDb);
    private static readonly StatementKind Delta = new(StatementOwner.Delta);

    /// <summary>
    /// Tells by the first words alone, since every statement of a cell is asked. Never fails: what cannot be read is nobody's
    /// here, and its owner will say so.
    /// </summary>
    public static StatementKind Of(string sql)
    {
        var first = SqlLexer.Next(sql, 0);
        if (first.Kind != SqlTokenKind.Word || first.Length is < 3 or > 8)
        {
            return DuckDb;
        }

        Span<char> word = stackalloc char[first.Length];
        sql.AsSpan(first.Start, first.Length).ToUpperInvariant(word);
        return word switch
        {
            "RESTORE" or "REORG" or "FSCK" or "CONVERT" or "OPTIMIZE" or "CACHE" or "UNCACHE" or "REFRESH" or "MSCK" or "GENERATE" => Delta,
            "CREATE" or "REPLACE" or "DROP" or "ALTER" or "TRUNCATE" or "COMMENT" or "USE" or "INSERT" or "UPDATE" or "DELETE" or "MERGE"
                or "VACUUM" or "DESCRIBE" or "DESC" or "SHOW" or "ANALYZE" or "COPY" or "SET" => Read(new SqlCursor(sql)),
            "WITH" => Behind(new SqlCursor(sql)),
            _ => DuckDb,
        };
    }

    /// <summary>What comes behind a WITH clause; a query is DuckDB's.</summary>
    private static StatementKind Behind(SqlCursor cursor)
    {
        try
        {
            cursor.SkipWith();
            return cursor.IsAny("INSERT", "UPDATE", "DELETE", "MERGE") ? Read(cursor) : DuckDb;
        }
        catch (DeltaException)
        {
            return DuckDb;
        }
    }

    private static StatementKind Read(SqlCursor cursor)
    {
        try
        {
            return cursor.TextOf(cursor.Read()).ToString().ToUpperInvariant() switch
            {
                "CREATE" or "REPLACE" => Create(cursor),
                "DROP" when cursor.Try("DATABASE") => Delta,
                "DROP" when cursor.Try("SCHEMA") => OfName(cursor, "IF", "EXISTS") with { IsDatabase = true },
                "DROP" or "ALTER" when cursor.Try("TABLE") => OfName(cursor, "IF", "EXISTS"),
                "TRUNCATE" => OfName(cursor, "TABLE"),
                "COMMENT" when cursor.Try("ON", "TABLE") => OfName(cursor),
                "COMMENT" when cursor.Try("ON", "COLUMN") => OfColumn(cursor),
                "USE" => cursor.Try("DATABASE") ? Delta : OfName(cursor, "SCHEMA") with { IsDatabase = true },
                "INSERT" when cursor.Is("OVERWRITE") || cursor.Is("WITH", "SCHEMA") => Delta,
                "INSERT" when cursor.Try("INTO") => OfName(cursor, "TABLE"),
                "UPDATE" => OfName(cursor),
                "DELETE" when cursor.Try("FROM") => OfName(cursor),
                "MERGE" when cursor.Is("WITH", "SCHEMA") => Delta,
                "MERGE" when cursor.Try("INTO") => OfName(cursor),
                "VACUUM" when !cursor.AtEnd && !cursor.Is("ANALYZE") => OfName(cursor, "TABLE"),
                "ANALYZE" when cursor.Is("TABLE") && cursor.Peek().Kind != SqlTokenKind.End => Delta,
                "COPY" when cursor.Is("INTO") => Delta,
                "SET" when cursor.Is("spark", ".") => Delta,
                "DESCRIBE" or "DESC" => Describe(cursor),
                "SHOW" => Show(cursor),
                _ => DuckDb,
            };
        }
        catch (DeltaException)
        {
            return DuckDb;
        }
    }

    /// <summary>The table whose name comes next, behind words that may stand before it.</summary>
    private static StatementKind OfName(SqlCursor cursor, params ReadOnlySpan<string> before)
    {
        foreach (var word in before)
        {
            if (!(cursor.Peek() is var next && (cursor.Is(next, ".") || next.Kind == SqlTokenKind.End)))
            {
                cursor.Try(word);
            }
        }

        var table = cursor.ReadTable();
        return table.Path is null ? new(StatementOwner.OfName, table) : new(StatementOwner.Delta, table);
    }

    /// <summary>The table of a column that is named with it.</summary>
    private static StatementKind OfColumn(SqlCursor cursor)
    {
        var column = cursor.ReadColumn();
        return column.Parts.Count < 2 ? DuckDb : new(StatementOwner.OfName, TableRef.OfName([.. column.Parts.SkipLast(1)]));
    }

    private static StatementKind Create(SqlCursor cursor)
    {
        var replaces = cursor.Try("OR", "REPLACE");
        if (cursor.Is("DATABASE") || cursor.Is("EXTERNAL"))
        {
            return Delta;
        }

        if (cursor.Try("SCHEMA"))
        {
            // A database in other words. One of a catalogue that is named is DuckDB's.
            if (cursor.Try("IF", "NOT"))
            {
                cursor.Expect("EXISTS");
            }

            return !replaces && cursor.ReadTable().Parts.Count == 1 ? Delta : DuckDb;
        }

        if (!cursor.Try("TABLE"))
        {
            return DuckDb;
        }

        if (cursor.Try("IF", "NOT"))
        {
            cursor.Expect("EXISTS");
        }

        if (cursor.ReadTable().Path is not null)
        {
            return Delta;
        }

        if (cursor.Is("("))
        {
            cursor.SkipBrackets();
        }
        else if (cursor.Is("LIKE"))
        {
            return Delta;
        }

        // DuckDB's statement goes on with AS or ends.
        return cursor.IsAny("USING", "PARTITIONED", "CLUSTER", "LOCATION", "TBLPROPERTIES", "COMMENT", "SHALLOW", "DEEP", "CLONE")
            ? Delta : DuckDb;
    }

    private static StatementKind Describe(SqlCursor cursor)
    {
        if (cursor.AtEnd || cursor.IsAny("SELECT", "WITH", "FROM", "VALUES", "INSERT", "UPDATE", "DELETE", "CREATE", "("))
        {
            return DuckDb;
        }

        var next = cursor.Peek();
        if (cursor.IsAny("DETAIL", "HISTORY") && !(next.Kind == SqlTokenKind.End || cursor.Is(next, ".") || cursor.Is(next, ";")))
        {
            return Delta;
        }

        return cursor.IsAny("DATABASE", "SCHEMA") && !(next.Kind == SqlTokenKind.End || cursor.Is(next, ".") || cursor.Is(next, ";"))
            ? Database(cursor)
            : OfName(cursor, "TABLE", "EXTENDED", "FORMATTED");
    }

    private static StatementKind Database(SqlCursor cursor)
    {
        cursor.Read();
        return OfName(cursor, "EXTENDED") with { IsDatabase = true };
    }

    private static StatementKind Show(SqlCursor cursor)
    {
        if (cursor.Is("CURRENT") && cursor.Peek() is { Kind: SqlTokenKind.Word } what
            && (cursor.Is(what, "DATABASE") || cursor.Is(what, "SCHEMA") || cursor.Is(what, "NAMESPACE")))
        {
            return Delta;
        }

        if (cursor.IsAny("COLUMNS", "PARTITIONS", "TBLPROPERTIES") || cursor.Is("CREATE", "TABLE"))
        {
            return cursor.Peek().Kind == SqlTokenKind.End ? DuckDb : Delta;
        }

        var lists = cursor.IsAny("TABLES", "DATABASES", "SCHEMAS");
        cursor.Read();
        return !lists ? DuckDb : cursor.AtEnd ? new(StatementOwner.OfName) : Delta;
    }
}
