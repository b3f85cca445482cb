namespace Kadali.Delta;

/// <summary>What a statement gives: rows, as Spark names their columns.</summary>
/// <param name="Columns">Names and types, in DuckDB's spelling.</param>
/// <param name="Rows">As many values each.</param>
internal sealed record CommandOutput(IReadOnlyList<SourceColumn> Columns, IReadOnlyList<object?[]> Rows)
{
    /// <summary>The version that the statement made, or null where it made none.</summary>
    public long? Version { get; init; }

    /// <summary>Output without a row.</summary>
    public static CommandOutput Nothing { get; } = new([], []);

    /// <summary>One row of counts, and the version.</summary>
    public static CommandOutput Of(DeltaResult result, params (string Name, string Metric)[] counts) => new(
        [.. counts.Select(count => new SourceColumn(count.Name, "BIGINT"))],
        [[.. counts.Select(count => (object?)result.Metrics.GetValueOrDefault(count.Metric))]]) { Version = result.Version };
}
