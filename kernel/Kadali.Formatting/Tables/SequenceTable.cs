using System.Collections;

namespace Kadali.Formatting;

/// <summary>
/// A sequence of objects as a table: a column for each public property and field, or for each key of dictionaries. Lists are read where
/// they are; any other sequence is enumerated once only, as far as rows are asked for, and what was read is kept.
/// </summary>
public sealed class SequenceTable : ITable, IDisposable
{
    /// <summary>How many rows of a sequence that may have no end are read for sorting and filtering.</summary>
    public const int ReadRows = 1_000_000;

    private readonly Lock _lock = new();
    private readonly IList? _list;
    private readonly int _size;
    private readonly List<object?> _kept = [];
    private readonly RowShape _shape;
    private IEnumerator? _rest;
    private TableRequest? _ordered;
    private int[] _order = [];

    /// <param name="rows">The rows; a list must not be changed while the table is in use.</param>
    /// <param name="rowType">The type of a row; where that is an interface or <c>object</c>, the first rows tell the columns.</param>
    public SequenceTable(IEnumerable rows, Type rowType)
        : this(rows) => _shape = RowShape.Of(rowType, First);

    /// <summary>Rows that have a value for each column already.</summary>
    public SequenceTable(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows)
        : this(rows) => _shape = RowShape.OfValues(columns);

    private SequenceTable(IEnumerable rows)
    {
        _list = rows as IList;
        _size = _list?.Count ?? 0;
        RowCount = _list?.Count ?? (rows as ICollection)?.Count ?? Sequences.CountOf(rows);
        _rest = _list is null ? rows.GetEnumerator() : null;
        _shape = RowShape.OfValues([]);
    }

    public IReadOnlyList<TableColumn> Columns => _shape.Columns;

    public long? RowCount { get; private set; }

    /// <summary>Whether the sequence was longer than <see cref="ReadRows"/> when it was sorted or filtered.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether objects of the type are rows: they have members of their own, and are no plain values.</summary>
    public static bool IsRow(Type type) => RowShape.IsRow(type);

    public ValueTask<IReadOnlyList<object?[]>> ReadAsync(TableRequest request, CancellationToken cancellationToken) =>
        new(Read(request, cancellationToken));

    /// <summary>The same, for who cannot await; nothing is waited for.</summary>
    public IReadOnlyList<object?[]> Read(TableRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Page(request, cancellationToken);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            (_rest as IDisposable)?.Dispose();
            _rest = null;
        }
    }

    private List<object?[]> Page(TableRequest request, CancellationToken cancellationToken)
    {
        var (offset, end) = ((int)Math.Min(request.Offset, int.MaxValue), (int)Math.Min(request.Offset + request.Count, int.MaxValue));
        var page = new List<object?[]>();
        if (request is { Sort: null, Filter: null or "" })
        {
            end = Math.Min(end, Reach(end, cancellationToken));
            for (var i = offset; i < end; i++)
            {
                page.Add(_shape.Read(Row(i)));
            }

            return page;
        }

        var order = Order(request, cancellationToken);
        for (var i = offset; i < Math.Min(end, order.Length); i++)
        {
            page.Add(_shape.Read(Row(order[i])));
        }

        return page;
    }

    /// <summary>
    /// The places of the rows that are wanted, in their order; kept, since pages are turned more often than orders change.
    /// </summary>
    private int[] Order(TableRequest request, CancellationToken cancellationToken)
    {
        var key = request with { Offset = 0, Count = 0 };
        if (_ordered == key)
        {
            return _order;
        }

        var count = Reach(ReadRows, cancellationToken);
        IsCut = _rest is not null && count >= ReadRows;
        var kept = new List<int>(request.Filter is { Length: > 0 } ? 16 : count);
        var keys = new List<object?>();
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = _shape.Read(Row(i));
            if (request.Filter is { Length: > 0 } filter
                && !row.Any(value => value is not null && ValueText.Of(value).Contains(filter, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            kept.Add(i);
            if (request.Sort is { } column)
            {
                keys.Add(row[column]);
            }
        }

        var order = Enumerable.Range(0, kept.Count);
        if (request.Sort is not null)
        {
            var comparer = new LooseComparer(request.Descending);
            order = order.OrderBy(i => keys[i], comparer);
        }

        (_order, _ordered) = ([.. order.Select(i => kept[i])], key);
        return _order;
    }

    private object? Row(int i) => _list is null ? _kept[i]
        : i < _list.Count ? _list[i]
        : throw new InvalidOperationException("The list has fewer items than when it was shown: run the cell again.");

    private IReadOnlyList<object?> First(int count)
    {
        var reached = Math.Min(count, Reach(count, CancellationToken.None));
        return [.. Enumerable.Range(0, reached).Select(Row)];
    }

    /// <summary>Reads on until there are <paramref name="count"/> rows, or no more; how many there are.</summary>
    private int Reach(int count, CancellationToken cancellationToken)
    {
        if (_list is not null)
        {
            return _size;
        }

        while (_kept.Count < count && _rest is { } rest)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (rest.MoveNext())
            {
                _kept.Add(rest.Current);
                continue;
            }

            RowCount = _kept.Count;
            (rest as IDisposable)?.Dispose();
            _rest = null;
        }

        return _kept.Count;
    }
}

/// <summary>Compares what can be compared, and the text of the rest. Nulls come last, whichever way.</summary>
internal sealed class LooseComparer(bool descending) : IComparer<object?>
{
    public int Compare(object? left, object? right)
    {
        if (left is null || right is null)
        {
            return (left is null ? 1 : 0) - (right is null ? 1 : 0);
        }

        var compared = left is string one && right is string other ? string.CompareOrdinal(one, other)
            : left is IComparable comparable && left.GetType() == right.GetType() ? comparable.CompareTo(right)
            : string.CompareOrdinal(ValueText.Of(left), ValueText.Of(right));
        return descending ? -compared : compared;
    }
}
