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
            if (filters.Concat(Texts(info, "Projections")).Select(text => StandIn().Match(text)).FirstOrDefault(match => match.Success) is { } match)
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

        var next = name.StartsWith("FILTER", StringComparison.Ordinal) ? (IReadOnlyList<string>)[.. above, .. Texts(info, "Expression")] : [];
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
            type = inner.Type;
        }

        return (new(path, type), length);
    }

    private static int Number(Group group) => int.Parse(group.ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\bt(\d+)c(\d+)\b")]
    private static partial Regex StandIn();

    [GeneratedRegex(@"^t(\d+)c(\d+)\b")]
    private static partial Regex StandInAtStart();

    /// <summary>The expressions of a plan, as DuckDB prints them.</summary>
    private ref struct Reader(FilterExtractor extractor, string text)
    {
        private int _at;

        public ScanPredicate Any()
        {
            var parts = new List<ScanPredicate> { All() };
            while (Word("OR"))
            {
                parts.Add(All());
            }

            return parts.Count == 1 ? parts[0] : new ScanPredicate.Any(parts);
        }

        private ScanPredicate All()
        {
            var parts = new List<ScanPredicate> { Atom() };
            while (Word("AND"))
            {
                parts.Add(Atom());
            }

            return parts.Count == 1 ? parts[0] : new ScanPredicate.All(parts);
        }

        private ScanPredicate Atom()
        {
            Space();
            var start = _at;
            if (Peek("("))
            {
                _at++;
                var inner = Any();
                Space();
                if (Peek(")"))
                {
                    _at++;
                    return AtEnd() ? inner : Unknown(start);
                }

                return Unknown(start);
            }

            if (Peek("starts_with(") || Peek("prefix("))
            {
                _at = text.IndexOf('(', _at) + 1;
                if (Column() is { } prefixed && Peek(","))
                {
                    _at++;
                    Space();
                    if (Literal(prefixed.Type) is string prefix && Peek(")"))
                    {
                        _at++;
                        return AtEnd() ? new ScanPredicate.StartsWith(prefixed, prefix) : Unknown(start);
                    }
                }

                return Unknown(start);
            }

            if (Column() is not { } column)
            {
                return Unknown(start);
            }

            if (Test(column) is { } test && AtEnd())
            {
                return test;
            }

            _at = start;
            return Unknown(start);
        }

        private ScanPredicate? Test(ScanColumn column)
        {
            Space();
            if (AtEnd())
            {
                return column.Type == DeltaType.Boolean ? new ScanPredicate.Compare(column, "=", 1L) : null;
            }

            if (Word("IS NOT NULL"))
            {
                return new ScanPredicate.IsNotNull(column);
            }

            if (Word("IS NULL"))
            {
                return new ScanPredicate.IsNull(column);
            }

            if (Word("IS NOT DISTINCT FROM"))
            {
                return Value(column) is { } same ? new ScanPredicate.Compare(column, "=", same) : null;
            }

            if (Word("IN"))
            {
                Space();
                return Peek("(") ? In(column) : null;
            }

            if (Word("BETWEEN"))
            {
                return Value(column) is { } low && Word("AND") && Value(column) is { } high
                    ? new ScanPredicate.All([new ScanPredicate.Compare(column, ">=", low), new ScanPredicate.Compare(column, "<=", high)])
                    : null;
            }

            foreach (var comparison in (ReadOnlySpan<string>)["!=", "<>", "<=", ">=", "=", "<", ">"])
            {
                if (Peek(comparison))
                {
                    _at += comparison.Length;
                    return Value(column) is { } value ? new ScanPredicate.Compare(column, comparison == "<>" ? "!=" : comparison, value) : null;
                }
            }

            return null;
        }

        private ScanPredicate? In(ScanColumn column)
        {
            _at++;
            var parts = new List<ScanPredicate>();
            while (true)
            {
                if (Value(column) is not { } value)
                {
                    return null;
                }

                parts.Add(new ScanPredicate.Compare(column, "=", value));
                Space();
                if (Peek(","))
                {
                    _at++;
                }
                else if (Peek(")"))
                {
                    _at++;
                    return new ScanPredicate.Any(parts);
                }
                else
                {
                    return null;
                }
            }
        }

        private object? Value(ScanColumn column)
        {
            Space();
            return Literal(column.Type);
        }

        private object? Literal(DeltaType type)
        {
            string value;
            if (Peek("'"))
            {
                var builder = new System.Text.StringBuilder();
                for (_at++; _at < text.Length; _at++)
                {
                    if (text[_at] != '\'')
                    {
                        builder.Append(text[_at]);
                    }
                    else if (_at + 1 < text.Length && text[_at + 1] == '\'')
                    {
                        builder.Append('\'');
                        _at++;
                    }
                    else
                    {
                        break;
                    }
                }

                _at++;
                value = builder.ToString();
                if (_at <= text.Length && Peek("::"))
                {
                    var cast = CastType().Match(text, _at);
                    _at += cast.Length;
                    if (!cast.Success)
                    {
                        return null;
                    }
                }
            }
            else
            {
                var match = Plain().Match(text, _at);
                if (!match.Success || match.Length == 0)
                {
                    return null;
                }

                _at += match.Length;
                value = match.Value;
            }

            return StatValue.Parse(type, value);
        }

        private ScanColumn? Column()
        {
            if (extractor.Column(text.AsSpan(_at)) is not { } found)
            {
                return null;
            }

            _at += found.Length;
            return found.Column;
        }

        /// <summary>Passes over what is not understood, up to the next AND, OR or closing bracket that belongs to the outside.</summary>
        private ScanPredicate Unknown(int start)
        {
            _at = start;
            var depth = 0;
            var between = false;
            while (_at < text.Length)
            {
                var letter = text[_at];
                if (letter is '\'' or '"')
                {
                    _at = text.IndexOf(letter, _at + 1) is >= 0 and var end ? end : text.Length - 1;
                }
                else if (letter is '(' or '[' or '{')
                {
                    depth++;
                }
                else if (letter is ')' or ']' or '}')
                {
                    if (depth-- == 0)
                    {
                        break;
                    }
                }
                else if (depth == 0 && letter == ' ')
                {
                    if (Ahead(" BETWEEN "))
                    {
                        between = true;
                    }
                    else if (Ahead(" OR ") || (Ahead(" AND ") && !between))
                    {
                        break;
                    }
                    else if (Ahead(" AND "))
                    {
                        between = false;
                        _at += 4;
                    }
                }

                _at++;
            }

            return ScanPredicate.Unknown;
        }

        /// <summary>Whether an atom ends here.</summary>
        private readonly bool AtEnd() => _at >= text.Length || text[_at] == ')' || Ahead(" AND ") || Ahead(" OR ");

        private readonly bool Ahead(string word) => text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal);

        private readonly bool Peek(string word) => Ahead(word);

        private bool Word(string word)
        {
            var before = _at;
            Space();
            if (Ahead(word) && (_at + word.Length >= text.Length || !char.IsLetterOrDigit(text[_at + word.Length])))
            {
                _at += word.Length;
                return true;
            }

            _at = before;
            return false;
        }

        private void Space()
        {
            while (_at < text.Length && text[_at] == ' ')
            {
                _at++;
            }
        }
    }

    [GeneratedRegex(@"\G::[A-Z]+(\(\d+(,\s*\d+)?\))?( WITH TIME ZONE)?")]
    private static partial Regex CastType();

    [GeneratedRegex(@"\G(-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false)(?![\w.])")]
    private static partial Regex Plain();
}
