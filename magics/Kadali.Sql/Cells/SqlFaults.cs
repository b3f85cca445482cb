using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>An engine's error as a fault of the cell, with the place in the cell.</summary>
internal static class SqlFaults
{
    /// <param name="error">What the engine says.</param>
    /// <param name="statement">The statement that was refused.</param>
    /// <param name="cell">The reader's cell; without it the fault has no place.</param>
    /// <param name="number">Which of the cell's statements it is, where there are more than one.</param>
    public static Fault Of(SqlError error, SqlStatement statement, Cell? cell = null, int? number = null)
    {
        var message = number is { } which ? $"Statement {which}: {error.Message}" : error.Message;
        return new(
            error.Code ?? Code(error.Kind), message, error.Hint,
            cell is not null && error.Offset is { } at ? Place(cell, statement.Start + at) : null);
    }

    /// <summary>The word at an offset into the body.</summary>
    public static FaultPlace Place(Cell cell, int offset)
    {
        offset = Math.Clamp(offset, 0, cell.Body.Length);
        var end = offset;
        while (end < cell.Body.Length && (char.IsLetterOrDigit(cell.Body[end]) || cell.Body[end] is '_' or ':' && end == offset))
        {
            end++;
        }

        if (end == offset && offset < cell.Body.Length && cell.Body[offset] is '\'' or '"' or '`'
            && cell.Body.IndexOf(cell.Body[offset], offset + 1) is > 0 and var quote)
        {
            end = quote + 1;
        }

        var position = cell.PositionAt(offset);
        var line = cell.Line is { } own && own.Number == position.Line ? own.Text : LineAt(cell.Body, offset);
        return new(position, line, Math.Max(1, end - offset));
    }

    private static string Code(SqlErrorKind kind) => kind switch
    {
        SqlErrorKind.Syntax => "KDL301",
        SqlErrorKind.Catalog => "KDL302",
        SqlErrorKind.Binding => "KDL303",
        SqlErrorKind.Value => "KDL304",
        SqlErrorKind.Io => "KDL305",
        SqlErrorKind.Memory => "KDL306",
        SqlErrorKind.Constraint => "KDL307",
        SqlErrorKind.Transaction => "KDL308",
        SqlErrorKind.Permission => "KDL309",
        _ => "KDL300",
    };

    private static string LineAt(string text, int offset)
    {
        var start = offset > 0 ? text.LastIndexOf('\n', offset - 1) + 1 : 0;
        var end = text.IndexOf('\n', offset);
        return text[start..(end < 0 ? text.Length : end)].TrimEnd('\r');
    }
}
