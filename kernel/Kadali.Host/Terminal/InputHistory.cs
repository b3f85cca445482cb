using Kadali.Kernel.Jupyter;

namespace Kadali.Host.Terminal;

/// <summary>What was typed before, of this session and those before it, for the up key and the search.</summary>
internal sealed class InputHistory(IReadOnlyList<string> past)
{
    private const int Remembered = 1000;
    private readonly List<string> _past = [.. past];
    private string _draft = "";
    private int _at = past.Count;

    public static InputHistory Of(History history) => new([.. history.Find(new("tail", N: Remembered)).History
        .Select(entry => (string?)entry?[2] ?? "").Where(text => text.Trim().Length > 0)]);

    public void Add(string text)
    {
        if (_past.Count == 0 || _past[^1] != text)
        {
            _past.Add(text);
        }

        Leave();
    }

    /// <summary>Back to the end, where nothing is looked at.</summary>
    public void Leave() => (_at, _draft) = (_past.Count, "");

    /// <summary>The next older text that begins with what was typed, or null.</summary>
    public string? Older(string typed)
    {
        if (_at == _past.Count)
        {
            _draft = typed;
        }

        for (var at = _at - 1; at >= 0; at--)
        {
            if (_past[at].StartsWith(_draft, StringComparison.Ordinal) && (_at == _past.Count || _past[at] != _past[_at]))
            {
                _at = at;
                return _past[at];
            }
        }

        return null;
    }

    /// <summary>The next newer one; at the end what was typed; null where that is shown already.</summary>
    public string? Newer()
    {
        for (var at = _at + 1; at < _past.Count; at++)
        {
            if (_past[at].StartsWith(_draft, StringComparison.Ordinal) && _past[at] != _past[_at])
            {
                _at = at;
                return _past[at];
            }
        }

        var draft = _at == _past.Count ? null : _draft;
        _at = _past.Count;
        return draft;
    }

    /// <summary>The newest text that holds <paramref name="part"/>, older than the <paramref name="skip"/> first such; null where there is
    /// none.</summary>
    public string? Search(string part, int skip) => part.Length == 0 ? null : Enumerable.Reverse(_past)
        .Where(text => text.Contains(part, StringComparison.OrdinalIgnoreCase)).Distinct().Skip(skip).FirstOrDefault();
}
