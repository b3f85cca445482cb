using System.Text.RegularExpressions;

namespace Kadali.Delta;

internal sealed partial class FilterExtractor
{
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
                    return Value(column) is { } value
                        ? new ScanPredicate.Compare(column, comparison == "<>" ? "!=" : comparison, value)
                        : null;
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
