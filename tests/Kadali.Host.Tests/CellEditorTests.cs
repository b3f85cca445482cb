using Kadali.Cells;
using Kadali.Host.Terminal;

namespace Kadali.Host.Tests;

public sealed class CellEditorTests
{
    private const ConsoleModifiers Control = ConsoleModifiers.Control;
    private readonly StringWriter _terminal = new();
    private readonly InputHistory _history = new(["old", "SELECT 1", "int F()\n{\n}"]);

    [Fact]
    public async Task Enter_runs_what_is_complete_and_else_begins_a_line()
    {
        Assert.Equal("f(1", await ReadAsync(Type("f(1"), Enter, Enter, Enter));
        Assert.Equal("f(1)", await ReadAsync(Type("f(1)"), Enter));
        Assert.Equal("f(\n    1)", await ReadAsync(Type("f("), Enter, Type("1)"), Enter));
    }

    [Fact]
    public async Task A_brace_that_closes_stands_below_the_line_that_opens_it()
    {
        Assert.Equal("f(\n}\n })", await ReadAsync(Type("f("), Enter, Type("}"), Enter, Type(" })"), Enter));
        Assert.Equal("a }", await ReadAsync(Type("a }"), Enter));
    }

    [Fact]
    public async Task The_usual_keys_edit()
    {
        Assert.Equal("abXc", await ReadAsync(Type("abc"), Key(ConsoleKey.LeftArrow), Type("X"), Enter));
        Assert.Equal("one ", await ReadAsync(Type("one two"), Key(ConsoleKey.W, Control), Enter, Enter) + " ");
        Assert.Equal("two one", await ReadAsync(Type("one"), Key(ConsoleKey.U, Control), Type("two "), Key(ConsoleKey.Y, Control), Enter));
        Assert.Equal("Xe", await ReadAsync(Type("e\u0301e"), Key(ConsoleKey.LeftArrow), Key(ConsoleKey.Backspace), Type("X"), Enter));
        Assert.Equal("a!", await ReadAsync(
            Type("ab"), Key(ConsoleKey.Home), Key(ConsoleKey.RightArrow), Key(ConsoleKey.K, Control), Type("!"), Enter));
    }

    [Fact]
    public async Task Earlier_cells_come_back_and_what_was_typed_does_too()
    {
        Assert.Equal("int F()\n{\n}", await ReadAsync(Key(ConsoleKey.UpArrow), Enter));
        Assert.Equal("SELECT 1", await ReadAsync(Type("S"), Key(ConsoleKey.UpArrow), Enter));
        Assert.Equal("Sx", await ReadAsync(Type("S"), Key(ConsoleKey.UpArrow), Key(ConsoleKey.DownArrow), Type("x"), Enter));
        Assert.Equal("old", await ReadAsync(Key(ConsoleKey.R, Control), Type("ol"), Enter, Enter));
    }

    [Fact]
    public async Task Tab_puts_in_what_is_common_and_lets_one_choose()
    {
        Assert.Equal("x.Length", await ReadAsync(Type("x.Le"), Tab, Enter));
        Assert.Equal("x.ToUpper", await ReadAsync(Type("x.T"), Tab, Tab, Tab, Enter, Enter));
        Assert.Equal("x.To", await ReadAsync(Type("x.T"), Tab, Tab, Key(ConsoleKey.Escape), Enter));
        Assert.Equal("x.ToUpper(", await ReadAsync(Type("x.T"), Tab, Type("U"), Tab, Type("("), Enter, Enter, Enter));
        Assert.Contains("\e[7m ToLower", _terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_pasted_is_one_cell()
    {
        var keys = new Script([.. Type("1\r2\r3"), .. Enter]) { IsPaste = true };

        Assert.Equal("1\n2\n3", await Editor(keys).ReadAsync("> ", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Control_C_drops_a_cell_and_Control_D_leaves()
    {
        Assert.Equal("", await ReadAsync(Type("abc"), Key(ConsoleKey.C, Control)));
        Assert.Null(await ReadAsync(Key(ConsoleKey.D, Control)));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("漢字", 4)]
    [InlineData("e\u0301🎉", 3)]
    public void Wide_characters_take_two_columns(string text, int width) => Assert.Equal(width, TextWidth.Of(text));

    [Fact]
    public void A_line_that_fills_the_terminal_does_not_lose_the_cursor()
    {
        var screen = new EditorScreen(_terminal, () => 10, isPlain: true);

        screen.Draw("> ", "12345678", 8, ["below it is more than fits"]);
        screen.Draw("> ", "1", 1, []);

        Assert.Equal("\r\e[J> 12345678 \r\n\rbelow it…\e[1A\r\e[1A\r\e[J> 1\r\e[3C", _terminal.ToString());
    }

    private static ConsoleKeyInfo[] Enter => Key(ConsoleKey.Enter);

    private static ConsoleKeyInfo[] Tab => Key(ConsoleKey.Tab);

    private static ConsoleKeyInfo[] Key(ConsoleKey key, ConsoleModifiers modifiers = 0) =>
        [new('\0', key, modifiers.HasFlag(ConsoleModifiers.Shift), modifiers.HasFlag(ConsoleModifiers.Alt), modifiers.HasFlag(Control))];

    private static ConsoleKeyInfo[] Type(string text) =>
        [.. text.Select(letter => new ConsoleKeyInfo(letter, letter == '\r' ? ConsoleKey.Enter : ConsoleKey.None, false, false, false))];

    private Task<string?> ReadAsync(params ConsoleKeyInfo[][] keys) =>
        Editor(new([.. keys.SelectMany(key => key)])).ReadAsync("> ", TestContext.Current.CancellationToken);

    // Complete is what has as many brackets closed as opened; two empty lines end anything.
    private CellEditor Editor(Script keys) => new(
        keys, new(_terminal, () => 80, isPlain: false), _history, new Words(),
        text => new(text.Count(letter => letter == '(') == text.Count(letter => letter == ')')
            || text.Split('\n').Reverse().TakeWhile(string.IsNullOrWhiteSpace).Count() > 1, "    "));

    private sealed class Script(ConsoleKeyInfo[] keys) : IKeys
    {
        private int _next;

        public bool IsPaste { get; init; }

        public bool Available => IsPaste && _next < keys.Length;

        public ValueTask<ConsoleKeyInfo> ReadAsync(CancellationToken cancellationToken) => new(keys[_next++]);
    }

    private sealed class Words : ILanguageService
    {
        public ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken)
        {
            var start = text.LastIndexOf('.', position - 1) + 1;
            return new(new CompletionList(start, position, [.. ((string[])["Length", "ToLower", "ToUpper"])
                .Where(word => word.StartsWith(text[start..position], StringComparison.Ordinal))
                .Select(word => new CompletionItem(word, "method"))]));
        }

        public ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken) =>
            new((MimeBundle?)null);
    }
}
