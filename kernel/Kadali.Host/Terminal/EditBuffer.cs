using System.Globalization;
using System.Text;

namespace Kadali.Host.Terminal;

/// <summary>The text that is being typed, of one line or several, and the place of the cursor in it.</summary>
internal sealed class EditBuffer
{
    private readonly StringBuilder _text = new();
    private string _cut = "";

    public string Text => _text.ToString();

    public int Length => _text.Length;

    /// <summary>In UTF-16 units, always between whole characters.</summary>
    public int Cursor { get; private set; }

    public bool IsOnFirstLine => Text.LastIndexOf('\n', Math.Max(0, Cursor - 1), Cursor) < 0;

    public bool IsOnLastLine => Text.IndexOf('\n', Cursor) < 0;

    public void Set(string text, int? cursor = null)
    {
        _text.Clear().Append(text);
        Cursor = cursor ?? text.Length;
    }

    public void Insert(string text)
    {
        _text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    /// <summary>Puts text in place of what stands from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public void Replace(int start, int end, string text)
    {
        _text.Remove(start, end - start).Insert(start, text);
        Cursor = start + text.Length;
    }

    /// <summary>Takes a level of indentation from the line, where nothing but blanks stands before the cursor.</summary>
    public void Outdent(string level)
    {
        var start = StartOfLine(Cursor);
        var before = Text[start..Cursor];
        if (string.IsNullOrWhiteSpace(before) && before.EndsWith(level, StringComparison.Ordinal))
        {
            Replace(Cursor - level.Length, Cursor, "");
        }
    }

    public void Left() => Cursor = Before(Cursor);

    public void Right() => Cursor = After(Cursor);

    public void WordLeft() => Cursor = WordStart();

    public void WordRight()
    {
        while (Cursor < _text.Length && !char.IsLetterOrDigit(_text[Cursor]))
        {
            Cursor++;
        }

        while (Cursor < _text.Length && char.IsLetterOrDigit(_text[Cursor]))
        {
            Cursor++;
        }
    }

    public void LineStart() => Cursor = StartOfLine(Cursor);

    public void LineEnd() => Cursor = EndOfLine(Cursor);

    public void Up()
    {
        var start = StartOfLine(Cursor);
        if (start > 0)
        {
            GoTo(StartOfLine(start - 1), Cursor - start);
        }
    }

    public void Down()
    {
        var end = EndOfLine(Cursor);
        if (end < _text.Length)
        {
            GoTo(end + 1, Cursor - StartOfLine(Cursor));
        }
    }

    public void Backspace() => Remove(Before(Cursor), Cursor);

    public void Delete() => Remove(Cursor, After(Cursor));

    public void CutWord() => Cut(WordStart(), Cursor);

    public void CutToLineStart() => Cut(StartOfLine(Cursor), Cursor);

    public void CutToLineEnd() => Cut(Cursor, EndOfLine(Cursor));

    /// <summary>Puts in what was cut last.</summary>
    public void Paste() => Insert(_cut);

    private void Cut(int from, int to)
    {
        if (to > from)
        {
            _cut = Text[from..to];
            Remove(from, to);
        }
    }

    private void Remove(int from, int to)
    {
        _text.Remove(from, to - from);
        Cursor = from;
    }

    private int Before(int place)
    {
        var text = Text;
        var start = StartOfLine(place);
        if (start == place)
        {
            return Math.Max(0, place - 1);
        }

        // Characters of several units are found from the left alone.
        var at = start;
        while (at + StringInfo.GetNextTextElementLength(text, at) < place)
        {
            at += StringInfo.GetNextTextElementLength(text, at);
        }

        return at;
    }

    private int After(int place) => place < _text.Length ? place + StringInfo.GetNextTextElementLength(Text, place) : place;

    private int WordStart()
    {
        var at = Cursor;
        while (at > 0 && !char.IsLetterOrDigit(_text[at - 1]))
        {
            at--;
        }

        while (at > 0 && char.IsLetterOrDigit(_text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private int StartOfLine(int place) => place == 0 ? 0 : Text.LastIndexOf('\n', place - 1) + 1;

    private int EndOfLine(int place) => Text.IndexOf('\n', place) is >= 0 and var end ? end : _text.Length;

    private void GoTo(int lineStart, int column)
    {
        var end = EndOfLine(lineStart);
        Cursor = lineStart;
        while (Cursor < end && Cursor - lineStart < column)
        {
            Cursor = After(Cursor);
        }
    }
}
