using System.Globalization;
using System.Text;

namespace Kadali.Notebooks.Tests;

/// <summary>
/// Notebooks of many layouts, made by chance: none of them changes by being read and saved, and a change stays where it was made.
/// </summary>
public sealed class RoundTripTests
{
    private const int Notebooks = 300;
    private static readonly string[] Texts =
    [
        "", "x", "é ß 漢字", "🎉", "a\tb\\c\"d/e", "</script>", "\u2028\u007f", "\u001b[31mred", "line\r\n",
    ];
    private static readonly string[] Numbers = ["0", "-1", "1.0", "1.50", "1e3", "1E-7", "12345678901234567890", "0.1"];

    [Fact]
    public void A_notebook_that_nobody_changed_saves_unchanged()
    {
        for (var seed = 0; seed < Notebooks; seed++)
        {
            var text = new Layout(new(seed)).Notebook();

            Assert.Equal(text, NotebookDocument.Parse(text, "n").ToText());
        }
    }

    [Fact]
    public void A_cell_that_changes_and_changes_back_leaves_the_file_as_it_was()
    {
        for (var seed = 0; seed < Notebooks; seed++)
        {
            var text = new Layout(new(seed)).Notebook();
            var notebook = NotebookDocument.Parse(text, "n");
            var cell = notebook.Cells[seed % notebook.Cells.Count];
            var source = cell.Json["source"]!.DeepClone();

            cell.Source = "something\nelse";
            var changed = notebook.ToText();
            var again = NotebookDocument.Parse(changed, "n");
            again.Cells[seed % again.Cells.Count].Json["source"] = source;

            Assert.NotEqual(text, changed);
            Assert.Equal(text, again.ToText());
        }
    }

    /// <summary>Writes JSON as Python's <c>json.dumps</c> does, in one of its layouts.</summary>
    private sealed class Layout
    {
        private readonly Random _random;
        private readonly string? _indent;
        private readonly string _newLine;
        private readonly string _tail;
        private readonly bool _isAscii;
        private readonly bool _isCompact;

        public Layout(Random random)
        {
            _random = random;
            _indent = Any<string?>([" ", "  ", "    ", "\t", null]);
            _newLine = Any(["\n", "\r\n"]);
            _tail = Any(["", _newLine]);
            _isAscii = random.Next(2) == 0;
            _isCompact = _indent is null && random.Next(2) == 0;
        }

        public string Notebook()
        {
            var cells = Enumerable.Range(0, _random.Next(1, 6)).Select(Cell).ToArray();
            var members = new List<(string, Action<StringBuilder, int>)>
            {
                ("cells", Array(cells)), ("metadata", Unknown(2)), ("nbformat", Raw("4")), ("nbformat_minor", Raw(Any(["0", "4", "5"]))),
                ("zebra", Unknown(1)),

                // What tells the layouts apart must be there: a letter beyond ASCII, and a blank after a colon.
                ("letter", Text("é")),
            };
            var text = new StringBuilder();
            Object([.. members.OrderBy(_ => _random.Next())])(text, 0);
            return text.Append(_tail).ToString();
        }

        private Action<StringBuilder, int> Cell(int index)
        {
            var type = Any(["code", "markdown", "raw"]);
            var members = new List<(string, Action<StringBuilder, int>)>
            {
                ("cell_type", Text(type)), ("metadata", Unknown(2)), ("id", Text($"c{index}")), ("unknown", Unknown(1)),
                ("source", _random.Next(3) == 0
                    ? Text(Any(Texts))
                    : Array([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Text(Any(Texts) + "\n"))])),
            };
            if (type == "code")
            {
                members.Add(("outputs", Array([])));
                members.Add(("execution_count", Raw(Any(["null", "7"]))));
            }

            return Object([.. members.OrderBy(_ => _random.Next())]);
        }

        private Action<StringBuilder, int> Unknown(int depth) => Object(
            [.. Enumerable.Range(0, _random.Next(4)).Select(index => ($"k{index}{Any(["", "é", " x"])}", Value(depth)))]);

        private Action<StringBuilder, int> Value(int depth) => _random.Next(depth > 0 ? 5 : 3) switch
        {
            0 => Text(Any(Texts)),
            1 => Raw(Any(Numbers)),
            2 => Raw(Any(["true", "false", "null"])),
            3 => Array([.. Enumerable.Range(0, _random.Next(3)).Select(_ => Value(depth - 1))]),
            _ => Unknown(depth - 1),
        };

        private Action<StringBuilder, int> Object((string Name, Action<StringBuilder, int> Value)[] members) =>
            Items('{', '}', [.. members.Select(
            member => (Action<StringBuilder, int>)((text, depth) =>
            {
                Text(member.Name)(text, depth);
                text.Append(_isCompact ? ":" : ": ");
                member.Value(text, depth);
            }))]);

        private Action<StringBuilder, int> Array(Action<StringBuilder, int>[] items) => Items('[', ']', items);

        private Action<StringBuilder, int> Items(char open, char close, Action<StringBuilder, int>[] items) => (text, depth) =>
        {
            text.Append(open);
            for (var index = 0; index < items.Length; index++)
            {
                text.Append(index == 0 ? "" : _indent is null && !_isCompact ? ", " : ",");
                Line(text, depth + 1);
                items[index](text, depth + 1);
            }

            if (items.Length > 0)
            {
                Line(text, depth);
            }

            text.Append(close);
        };

        private void Line(StringBuilder text, int depth)
        {
            if (_indent is not null)
            {
                text.Append(_newLine).Insert(text.Length, _indent, depth);
            }
        }

        private static Action<StringBuilder, int> Raw(string json) => (text, _) => text.Append(json);

        private Action<StringBuilder, int> Text(string value) => (text, depth) =>
        {
            text.Append('"');
            foreach (var letter in value)
            {
                _ = letter switch
                {
                    '"' or '\\' => text.Append('\\').Append(letter),
                    '\n' => text.Append("\\n"),
                    '\r' => text.Append("\\r"),
                    '\t' => text.Append("\\t"),
                    < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                    > '\x7f' when _isAscii => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                    _ => text.Append(letter),
                };
            }

            text.Append('"');
        };

        private T Any<T>(T[] choices) => choices[_random.Next(choices.Length)];
    }
}
