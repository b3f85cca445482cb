using System.Globalization;

namespace Kadali.Sql;

/// <summary>How two versions of a table differ.</summary>
/// <param name="Counts">Rows by what happened to them.</param>
internal sealed record DeltaDiff(long From, long To, IReadOnlyList<(string Change, long Rows)> Counts)
{
    /// <summary>The rows.</summary>
    public required string Query { get; init; }

    public long Rows => Counts.Sum(count => count.Rows);

    /// <summary>One line for readers.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"version {From} → {To}: ") + (Counts.Count == 0
        ? "the same rows"
        : string.Join(", ", Counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Rows:N0} {count.Change}"))));
}
