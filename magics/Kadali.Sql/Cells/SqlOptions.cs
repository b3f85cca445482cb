using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>The options that every SQL cell takes.</summary>
internal sealed record SqlOptions(string? Name, string? Record, long? Limit, ChartOptions? Chart, bool Explain)
{
    private static readonly MagicOption[] All =
    [
        new("name", "Keep the result in C# under this name, as a list of a record made from its columns.", "NAME"),
        new("record", "What to call that record.", "NAME"),
        new("limit", "Stop after so many rows.", "ROWS"),
        .. ChartOptions.Syntax,
        new("explain", "Show the plan as a tree, with the rows that are expected, instead of running the statements.", null),
        new("history", "Show what was run, how long it took and how many rows it gave.", null),
    ];

    /// <summary>How a SQL magic is called.</summary>
    public static MagicSyntax SyntaxOf(string name, string engine) => new(
        name,
        engine == "DuckDB" && name == "sql"
            ? "SQL over files, C# sequences, Delta tables and tables, on the DuckDB inside the kernel."
            : $"SQL on {engine}.",
        "one or more SQL statements")
    {
        Options = All,
        Examples = engine == "DuckDB"
            ?
            [
                ($"#!{name}\nSELECT carrier, count(*) AS n FROM 'data/*.parquet' GROUP BY ALL",
                    "reads files; Parquet, CSV and JSON, single or by pattern"),
                ($"#!{name} --name late\nSELECT * FROM flights WHERE dep_delay > :minutes",
                    "'flights' is a C# sequence, ':minutes' a C# variable; 'late' is then a list in C#"),
                ($"#!{name}\nCREATE TABLE late USING DELTA AS SELECT * FROM flights WHERE dep_delay > 60;\n"
                    + "SELECT * FROM late VERSION AS OF 0",
                    "a Delta table of the warehouse, and one of its versions; '#!delta --help' has more"),
                ($"#!{name} --chart bar --x carrier --y n\nSELECT carrier, count(*) AS n FROM flights GROUP BY ALL", "a picture"),
            ]
            :
            [
                ($"#!{name} --name rows\nSELECT * FROM orders WHERE placed > :day", "':day' is a C# variable; 'rows' is then a list in C#"),
            ],
        Remarks = "The result of the last statement is also '_sql' in C#. Statements are parted by ';'.",
    };

    /// <summary>The options of statements before the last one, whose result is shown and not kept.</summary>
    public SqlOptions ForEarlier() => this with { Name = null, Record = null, Chart = null };

    public static SqlOptions Of(Cell cell)
    {
        var name = Identifier(cell, "name");
        return new(name, Identifier(cell, "record"), RowLimit(cell), ChartOptions.Of(cell.Arguments), cell.Arguments.Has("explain"));
    }

    private static string? Identifier(Cell cell, string option)
    {
        var name = cell.Arguments.Text(option);
        return name is null || (name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_')
                && name.All(letter => char.IsLetterOrDigit(letter) || letter == '_'))
            ? name
            : throw new CellFaultException(new(
                "KDL105", $"'--{option}' cannot be '{name}': it is to be a name in C#.",
                "Letters, digits and _, beginning with a letter.", cell.Arguments.Place(option)));
    }

    private static long? RowLimit(Cell cell) => cell.Arguments.Text("limit") is not { } text ? null
        : long.TryParse(text, out var limit) && limit >= 0 ? limit
        : throw new CellFaultException(
            new("KDL105", $"'--limit' cannot be '{text}'.", "It is a number of rows.", cell.Arguments.Place("limit")));
}
