namespace Kadali.Delta;

/// <summary>A table as a statement names it: by name, or by the path of its folder.</summary>
/// <param name="Parts">The name's parts, the table's last; empty for a path.</param>
/// <param name="Path">The path in <c>delta.`path`</c>, or null for a name.</param>
/// <param name="AsOf">The version that is meant, or null for the latest.</param>
/// <param name="Start">UTF-16 offset into the statement.</param>
/// <param name="Length">How much text it is, time travel included.</param>
internal sealed record TableRef(IReadOnlyList<string> Parts, string? Path, TimeTravel? AsOf = null, int Start = 0, int Length = 0)
{
    /// <summary>A table by the path of its folder.</summary>
    public static TableRef OfPath(string path) => new([], path);

    /// <summary>A table by its name.</summary>
    public static TableRef OfName(params string[] parts) => new(parts, null);

    public bool Equals(TableRef? other) =>
        other is not null && Parts.SequenceEqual(other.Parts) && Path == other.Path && Equals(AsOf, other.AsOf);

    public override int GetHashCode() => HashCode.Combine(Path, Parts.Aggregate(0, HashCode.Combine));

    /// <summary>The table as messages name it.</summary>
    public override string ToString() => Path is null ? string.Join('.', Parts) : $"delta.{SqlQuotes.Backticks(Path)}";
}

/// <summary>Which version of a table is meant.</summary>
internal abstract record TimeTravel
{
    private TimeTravel() { }

    /// <summary><c>VERSION AS OF</c></summary>
    public sealed record Version(long Number) : TimeTravel;

    /// <summary><c>TIMESTAMP AS OF</c>: the version that was the latest then.</summary>
    /// <param name="Expression">A string, or an expression of a date or timestamp without columns.</param>
    public sealed record Timestamp(SqlPart Expression) : TimeTravel;
}
