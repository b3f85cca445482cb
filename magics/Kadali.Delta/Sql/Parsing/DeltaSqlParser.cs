namespace Kadali.Delta;

/// <summary>
/// Reads statements about Delta tables in Spark's spelling. Only their frames are understood here; expressions and queries stay text, for
/// <see cref="SparkExpression"/> and DuckDB.
/// </summary>
internal sealed partial class DeltaSqlParser
{
    private readonly SqlCursor _cursor;

    private DeltaSqlParser(string sql, bool escapes) => _cursor = new(sql, escapes: escapes);

    /// <summary>Reads a statement.</summary>
    /// <param name="sql">One statement; a semicolon may end it.</param>
    /// <param name="escapes">Whether a backslash in a string takes the next character with it, as in Spark; in cells it does not.</param>
    /// <exception cref="DeltaException">Of kind <see cref="DeltaErrorKind.Syntax"/>, with the offset of what cannot be read.</exception>
    public static DeltaCommand Parse(string sql, bool escapes = false)
    {
        var parser = new DeltaSqlParser(sql, escapes);
        return parser.Statement();
    }

    private DeltaCommand Statement()
    {
        var word = _cursor.Current.Kind == SqlTokenKind.Word ? _cursor.TextOf(_cursor.Current).ToString().ToUpperInvariant() : "";
        Refuse(word);
        return word switch
        {
            "WITH" => AfterWith(),
            "CREATE" or "REPLACE" => Create(),
            "DROP" => Drop(),
            "ALTER" => Alter(),
            "TRUNCATE" => Truncate(),
            "COMMENT" => CommentOn(),
            "USE" => Use(),
            "CONVERT" => Convert(),
            "INSERT" => Insert(),
            "UPDATE" => Update(),
            "DELETE" => Delete(),
            "MERGE" => Merge(),
            "OPTIMIZE" => Optimize(),
            "VACUUM" => Vacuum(),
            "RESTORE" => Restore(),
            "REORG" => Reorg(),
            "FSCK" => Fsck(),
            "DESCRIBE" or "DESC" => Describe(),
            "SHOW" => Show(),
            "REFRESH" => Refresh(),
            "SET" => SetOption(),
            _ => throw _cursor.Expected(
                "CREATE", "DROP", "ALTER", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "OPTIMIZE", "VACUUM", "RESTORE", "CONVERT",
                "REORG", "FSCK", "DESCRIBE", "SHOW", "USE", "COMMENT"),
        };
    }

    private T Ended<T>(T command, params string[] orElse)
        where T : DeltaCommand
    {
        _cursor.ExpectEnd(orElse);
        return command;
    }
}
