namespace Kadali.Delta;

/// <summary>What a query asks of the rows of one table, as far as it is understood. Rows that do not fulfil it need not be read.</summary>
internal abstract record ScanPredicate
{
    /// <summary>Nothing is known: any row may be wanted.</summary>
    public sealed record Anything : ScanPredicate;

    public sealed record All(IReadOnlyList<ScanPredicate> Parts) : ScanPredicate;

    public sealed record Any(IReadOnlyList<ScanPredicate> Parts) : ScanPredicate;

    /// <param name="Operator"><c>=</c>, <c>!=</c>, <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>.</param>
    /// <param name="Value">Of <see cref="StatValue"/>'s forms.</param>
    public sealed record Compare(ScanColumn Column, string Operator, object Value) : ScanPredicate;

    public sealed record StartsWith(ScanColumn Column, string Prefix) : ScanPredicate;

    public sealed record IsNull(ScanColumn Column) : ScanPredicate;

    public sealed record IsNotNull(ScanColumn Column) : ScanPredicate;

    public static ScanPredicate Unknown { get; } = new Anything();

    /// <summary>Whether files may hold rows that fulfil this: a test of a file's place among them.</summary>
    /// <param name="ranges">What is known of a column's values in each file.</param>
    public Func<int, bool> MayHold(Func<ScanColumn, IReadOnlyList<ValueRange>> ranges)
    {
        switch (this)
        {
            case All all:
                var needed = all.Parts.Select(part => part.MayHold(ranges)).ToArray();
                return file => Array.TrueForAll(needed, test => test(file));
            case Any any:
                var enough = any.Parts.Select(part => part.MayHold(ranges)).ToArray();
                return file => Array.Exists(enough, test => test(file));
            case IsNull test:
                var nulls = ranges(test.Column);
                return file => nulls[file].MayBeNull;
            case IsNotNull test:
                var values = ranges(test.Column);
                return file => values[file].MayBeValue;
            case StartsWith test:
                var texts = ranges(test.Column);
                return file => texts[file].MayStartWith(test.Prefix);
            case Compare test:
                var compared = ranges(test.Column);
                return file => compared[file].MayCompare(test.Operator, test.Value);
            default:
                return _ => true;
        }
    }

    /// <summary>The columns that it looks at.</summary>
    public IEnumerable<ScanColumn> Columns() => this switch
    {
        All all => all.Parts.SelectMany(part => part.Columns()),
        Any any => any.Parts.SelectMany(part => part.Columns()),
        IsNull test => [test.Column],
        IsNotNull test => [test.Column],
        StartsWith test => [test.Column],
        Compare test => [test.Column],
        _ => [],
    };
}

/// <summary>A column of a table, or a field within one.</summary>
/// <param name="Path">Physical names from the outside in, joined by U+001F.</param>
internal sealed record ScanColumn(string Path, DeltaType Type)
{
    /// <summary>Physical names from the outside in.</summary>
    public IReadOnlyList<string> Names { get; } = Path.Split('\u001f');

    /// <summary>Whether it is of doubles, and was of floats.</summary>
    public bool WasFloat { get; init; }
}

/// <summary>What is known of the values of a column in a file.</summary>
/// <param name="Minimum">No value is less; null where that is not known.</param>
/// <param name="Maximum">No value is greater; null where that is not known.</param>
/// <param name="MayBeNull">Whether a row may have no value.</param>
/// <param name="MayBeValue">Whether a row may have a value.</param>
internal readonly record struct ValueRange(object? Minimum, object? Maximum, bool MayBeNull, bool MayBeValue)
{
    public static ValueRange Unknown { get; } = new(null, null, true, true);

    public bool MayCompare(string comparison, object value)
    {
        if (!MayBeValue)
        {
            return false;
        }

        var low = Minimum is { } minimum ? StatValue.Compare(minimum, value) : null;

        // NaN is greater than all, and stands in no maximum.
        var high = Maximum is { } maximum && !(value is double && comparison is ">" or ">=" or "!=")
            ? StatValue.Compare(maximum, value)
            : null;
        return comparison switch
        {
            "=" => low is null or <= 0 && high is null or >= 0,
            "<" => low is null or < 0,
            "<=" => low is null or <= 0,
            ">" => high is null or > 0,
            ">=" => high is null or >= 0,
            "!=" => !(low is 0 && high is 0),
            _ => true,
        };
    }

    public bool MayStartWith(string prefix) => MayBeValue
        && (Minimum is not string low || StatValue.Compare(low.Length > prefix.Length ? low[..prefix.Length] : low, prefix) is null or <= 0)
        && (Maximum is not string high || StatValue.Compare(high, prefix) is null or >= 0);
}
