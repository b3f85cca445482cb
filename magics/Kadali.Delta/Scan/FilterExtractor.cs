using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>
/// Reads what DuckDB's optimizer asks of each table from the plan of a query over stand-ins of the tables, whose columns are called
/// <c>t0c0</c>, <c>t0c1</c> and so on. What is not understood asks nothing.
/// </summary>
internal sealed partial class FilterExtractor(IReadOnlyList<DeltaType.Struct> tables, IReadOnlyList<ColumnMapping> mappings)
{
    /// <summary>For each table what each of its scans in the plan asks; a table that stands twice in the query has two.</summary>
    /// <param name="plan">Of <c>EXPLAIN (FORMAT json)</c>.</param>
    public IReadOnlyList<IReadOnlyList<ScanPredicate>> Read(string plan)
    {
        using var json = JsonDocument.Parse(plan, new() { MaxDepth = 1024 });
        var found = tables.Select(_ => new List<ScanPredicate>()).ToArray();
        foreach (var root in json.RootElement.EnumerateArray())
        {
            Walk(root, [], found);
        }

        return found;
    }

    private void Walk(JsonElement node, IReadOnlyList<string> above, List<ScanPredicate>[] found)
    {
        var name = node.GetProperty("name").GetString()!.Trim();
        var info = node.TryGetProperty("extra_info", out var extra) ? extra : default;
        if (name.StartsWith("READ_PARQUET", StringComparison.Ordinal))
        {
            IReadOnlyList<string> filters = [.. above, .. Texts(info, "Filters")];
            if (filters.Concat(Texts(info, "Projections")).Select(text => StandIn().Match(text))
                .FirstOrDefault(match => match.Success) is { } match)
            {
                var table = int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
                if (table < found.Length)
                {
                    found[table].Add(new ScanPredicate.All([.. filters.Select(Parse)]));
                }
            }
            else
            {
                // A scan without columns, as count(*) has: whichever table it is of, all of it is wanted.
                foreach (var table in found)
                {
                    table.Add(ScanPredicate.Unknown);
                }
            }
        }

        var next = name.StartsWith("FILTER", StringComparison.Ordinal)
            ? (IReadOnlyList<string>)[.. above, .. Texts(info, "Expression")]
            : [];
        foreach (var child in node.GetProperty("children").EnumerateArray())
        {
            Walk(child, next, found);
        }
    }

    private static IEnumerable<string> Texts(JsonElement info, string name) =>
        info.ValueKind != JsonValueKind.Object || !info.TryGetProperty(name, out var value)
            ? []
            : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(item => item.GetString()!) : [value.GetString()!];

    private ScanPredicate Parse(string text)
    {
        var reader = new Reader(this, text.Replace("optional: ", "", StringComparison.Ordinal));
        return reader.Any();
    }

    /// <summary>The column at the beginning of a text, and how long its name is there.</summary>
    private (ScanColumn Column, int Length)? Column(ReadOnlySpan<char> text)
    {
        var match = StandInAtStart().Match(text.ToString());
        if (!match.Success)
        {
            return null;
        }

        var (table, column) = (Number(match.Groups[1]), Number(match.Groups[2]));
        if (table >= tables.Count || column >= tables[table].Fields.Count)
        {
            return null;
        }

        var field = tables[table].Fields[column];
        var (path, type, length) = (mappings[table].Physical(field), field.Type, match.Length);
        while (type is DeltaType.Struct record && length < text.Length && text[length] == '.')
        {
            StructField? inner = null;
            foreach (var candidate in record.Fields.OrderByDescending(candidate => candidate.Name.Length))
            {
                if (text[(length + 1)..].StartsWith(candidate.Name, StringComparison.OrdinalIgnoreCase))
                {
                    inner = candidate;
                    break;
                }
            }

            if (inner is null)
            {
                return null;
            }

            length += 1 + inner.Name.Length;
            path += '\u001f' + mappings[table].Physical(inner);
            (field, type) = (inner, inner.Type);
        }

        return (
            new(path, type)
            {
                WasFloat = type == DeltaType.Double && TypeWidening.Changes(field).Any(change => change.From == DeltaType.Float),
            },
            length);
    }

    private static int Number(Group group) => int.Parse(group.ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\bt(\d+)c(\d+)\b")]
    private static partial Regex StandIn();

    [GeneratedRegex(@"^t(\d+)c(\d+)\b")]
    private static partial Regex StandInAtStart();
}
