using System.Globalization;
using System.Text.Json;

namespace Kadali.Sql;

/// <summary>DuckDB's plan, from <c>EXPLAIN (FORMAT json)</c>.</summary>
internal static class DuckDbPlan
{
    private const string Rows = "Estimated Cardinality";

    public static PlanNode Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var roots = document.RootElement.EnumerateArray().Select(Node).ToArray();
        return roots is [var root] ? root : new("PLAN", [], null, roots);
    }

    private static PlanNode Node(JsonElement element)
    {
        var details = new List<KeyValuePair<string, string>>();
        long? rows = null;
        if (element.TryGetProperty("extra_info", out var extra) && extra.ValueKind == JsonValueKind.Object)
        {
            foreach (var info in extra.EnumerateObject())
            {
                var text = info.Value.ValueKind == JsonValueKind.Array
                    ? string.Join(", ", info.Value.EnumerateArray().Select(item => item.ToString()))
                    : info.Value.ToString();
                if (info.Name == Rows)
                {
                    rows = long.TryParse(text, CultureInfo.InvariantCulture, out var count) ? count : null;
                }
                else if (text.Length > 0)
                {
                    details.Add(new(info.Name.Trim('_'), text.ReplaceLineEndings(", ")));
                }
            }
        }

        return new(
            element.GetProperty("name").GetString()!.Trim(), details, rows,
            element.TryGetProperty("children", out var children) ? [.. children.EnumerateArray().Select(Node)] : []);
    }
}
