using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>What DuckDB refuses, in the words of a table's user.</summary>
internal static class EngineFailure
{
    /// <summary>The failure as the library throws it.</summary>
    public static DeltaException Of(DuckDBException exception)
    {
        if (RowChecks.Explain(exception) is { } violated)
        {
            return violated;
        }

        var (sort, message) = DuckDb.Message(exception).Split(" Error: ", 2) is [var first, var rest] ? (first, rest)
            : ("", DuckDb.Message(exception));
        return message.Contains("No files found that match the pattern", StringComparison.Ordinal)
            ? new(
                DeltaErrorKind.NotFound, $"A file that the version needs is gone: {message}",
                "VACUUM removes what no version within the retention needs. Read a newer version; the history has them.", exception)
            : new(Kind(sort), message, null, exception);
    }

    /// <summary>By what DuckDB's message begins with: its error types are not set for all of its errors.</summary>
    private static DeltaErrorKind Kind(string sort) => sort switch
    {
        "Parser" or "Syntax" => DeltaErrorKind.Syntax,
        "Binder" or "Catalog" or "Mismatch Type" or "Invalid type" => DeltaErrorKind.Schema,
        "IO" or "Out of Memory" or "Permission" or "HTTP" => DeltaErrorKind.Storage,
        "Not implemented" or "Missing Extension" => DeltaErrorKind.Unsupported,
        _ => DeltaErrorKind.Argument,
    };
}
