using System.Globalization;

namespace Kadali.Delta;

/// <summary>What the frames of several statements have in common: tables, columns, lists, and expressions that are passed over.</summary>
internal static class SqlFrames
{
    /// <summary>A table by name or path, with the version that is meant.</summary>
    public static TableRef ReadTable(this SqlCursor cursor, bool travels = false)
    {
        var start = cursor.Current.Start;
        var first = cursor.ReadName("a table's name");
        if (cursor.Is(".") && first.Equals("delta", StringComparison.OrdinalIgnoreCase)
            && cursor.Peek().Kind is SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes or SqlTokenKind.String)
        {
            cursor.Read();
            var path = cursor.Current.Kind == SqlTokenKind.String ? cursor.ReadString("a path") : cursor.ReadName("a path");
            var asOf = TimeTravels.CutSuffix(ref path) ?? (travels ? cursor.TryReadTimeTravel() : null);
            return new([], path, asOf, start, cursor.LastEnd - start);
        }

        var parts = new List<string> { first };
        while (cursor.Is(".") && cursor.Peek().Kind is SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes)
        {
            cursor.Read();
            parts.Add(cursor.ReadName("a table's name"));
        }

        return new(parts, null, travels ? cursor.TryReadTimeTravel() : null, start, cursor.LastEnd - start);
    }

    /// <summary>Reads a list in brackets.</summary>
    public static IReadOnlyList<T> ReadList<T>(this SqlCursor cursor, Func<T> read)
    {
        cursor.Expect("(");
        var items = new List<T>();
        do
        {
            items.Add(read());
        }
        while (cursor.Try(","));
        if (!cursor.Try(")"))
        {
            throw cursor.Expected(",", ")");
        }

        return items;
    }

    /// <summary>A column's name, or that of a field in it.</summary>
    public static ColumnPath ReadColumn(this SqlCursor cursor)
    {
        var start = cursor.Current.Start;
        var parts = new List<string> { cursor.ReadName("a column's name") };
        while (cursor.Try("."))
        {
            parts.Add(cursor.ReadName("a field's name"));
        }

        return new(parts, start);
    }

    /// <summary>
    /// Passes over an expression: to a comma, a closing bracket, or one of the words, outside of brackets and of <c>CASE … END</c>.
    /// </summary>
    public static SqlPart ReadExpression(this SqlCursor cursor, params ReadOnlySpan<string> until)
    {
        var start = cursor.Current.Start;
        var (brackets, cases) = (0, 0);
        var distinct = false;
        while (!cursor.AtEnd)
        {
            if (brackets == 0 && cases == 0 && (cursor.Is(",") || cursor.Is(")")
                || (cursor.IsAny(until) && !(distinct && cursor.Is("FROM")))))
            {
                break;
            }

            if (cursor.Current.Kind == SqlTokenKind.Unterminated)
            {
                throw cursor.Expected("an expression");
            }

            brackets += cursor.IsAny("(", "[", "{") ? 1 : cursor.IsAny(")", "]", "}") ? -1 : 0;
            cases += cursor.Is("CASE") ? 1 : cursor.Is("END") ? -1 : 0;
            distinct = cursor.Is("DISTINCT");
            var dot = cursor.Is(".");
            cursor.Read();

            // A column may have a keyword's name: "s.when".
            if (dot && cursor.Current.Kind == SqlTokenKind.Word)
            {
                cursor.Read();
            }
        }

        if (cursor.LastEnd <= start)
        {
            throw cursor.Expected("an expression");
        }

        return brackets == 0 ? new(cursor.Text[start..cursor.LastEnd], start) : throw cursor.Expected(")");
    }

    /// <summary>An expression in brackets, without them.</summary>
    public static SqlPart ReadBracketed(this SqlCursor cursor)
    {
        cursor.Expect("(");
        var part = cursor.ReadExpression();
        cursor.Expect(")");
        return part;
    }

    /// <summary>All that is left of the statement, up to a word outside of brackets if one is given.</summary>
    public static SqlPart ReadRest(this SqlCursor cursor, string? until = null)
    {
        var start = cursor.Current.Start;
        var brackets = 0;
        while (!cursor.AtEnd && !(brackets == 0 && until is not null && cursor.Is(until)))
        {
            if (cursor.Current.Kind == SqlTokenKind.Unterminated)
            {
                throw cursor.Expected("a query");
            }

            brackets += cursor.Is("(") ? 1 : cursor.Is(")") ? -1 : 0;
            cursor.Read();
        }

        return cursor.LastEnd > start ? new(cursor.Text[start..cursor.LastEnd], start) : throw cursor.Expected("a query");
    }

    /// <summary>Passes over <c>WITH name [(columns)] AS [[NOT] MATERIALIZED] (…), …</c></summary>
    public static void SkipWith(this SqlCursor cursor)
    {
        cursor.Expect("WITH");
        cursor.Try("RECURSIVE");
        do
        {
            cursor.ReadName("a name");
            if (cursor.Is("("))
            {
                cursor.SkipBrackets();
            }

            cursor.Expect("AS");
            cursor.Try("NOT");
            cursor.Try("MATERIALIZED");
            if (!cursor.Is("("))
            {
                throw cursor.Expected("(");
            }

            cursor.SkipBrackets();
        }
        while (cursor.Try(","));
    }

    /// <summary>An alias, with or without <c>AS</c>; null where one of the words or nothing stands here.</summary>
    public static string? TryReadAlias(this SqlCursor cursor, params ReadOnlySpan<string> until) =>
        cursor.Try("AS") ? cursor.ReadName("an alias")
        : cursor.Current.Kind is SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes && !cursor.IsAny(until)
            ? cursor.ReadName("an alias") : null;

    /// <summary><c>('key' = 'value', key.part = 1)</c></summary>
    public static IReadOnlyDictionary<string, string> ReadProperties(this SqlCursor cursor)
    {
        var properties = new Dictionary<string, string>();
        cursor.ReadList(() =>
        {
            var key = cursor.ReadPropertyKey();
            if (!cursor.Try("=") && !cursor.Try("=="))
            {
                throw cursor.Expected("=");
            }

            properties[key] = cursor.ReadPropertyValue();
            return key;
        });
        return properties;
    }

    public static string ReadPropertyKey(this SqlCursor cursor) => cursor.Current.Kind is SqlTokenKind.String or SqlTokenKind.DoubleQuotes
        ? cursor.ReadString("a property")
        : cursor.ReadColumn().ToString();

    /// <summary>A number that may have a sign and a point.</summary>
    public static long ReadSigned(this SqlCursor cursor, string what)
    {
        var negative = cursor.Try("-");
        if (!negative)
        {
            cursor.Try("+");
        }

        var number = cursor.ReadNumber(what);
        return negative ? -number : number;
    }

    private static string ReadPropertyValue(this SqlCursor cursor)
    {
        if (cursor.IsAny("TRUE", "FALSE"))
        {
            return cursor.TextOf(cursor.Read()).ToString().ToLowerInvariant();
        }

        if (cursor.Current.Kind == SqlTokenKind.Number || cursor.Is("-"))
        {
            var sign = cursor.Try("-") ? "-" : "";
            return double.TryParse(cursor.TextOf(cursor.Current), NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                ? sign + cursor.TextOf(cursor.Read()).ToString() : throw cursor.Expected("a value");
        }

        return cursor.ReadString("a value in quotes");
    }
}
