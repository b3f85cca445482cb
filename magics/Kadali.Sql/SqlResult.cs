using System.Collections;
using System.Dynamic;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>
/// The rows of a query, pulled from the database as they are asked for and kept, so that nothing runs twice. In C# it is a sequence of rows whose
/// columns are members: <c>_sql.First().dep_delay</c>.
/// </summary>
public sealed class SqlResult : ITable, IEnumerable<object>
{
    private const int Step = 4096;
    private readonly List<object?[]> _rows = [];
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _index = new(StringComparer.OrdinalIgnoreCase);
    private Func<int, CancellationToken, IReadOnlyList<object?[]>?>? _pull;

    internal SqlResult(IReadOnlyList<TableColumn> columns, Func<int, CancellationToken, IReadOnlyList<object?[]>?> pull)
    {
        Columns = columns;
        _pull = pull;
        for (var i = columns.Count - 1; i >= 0; i--)
        {
            _index[columns[i].Name] = i;
        }
    }

    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>The number of rows; null while the query still has some.</summary>
    public long? RowCount => _pull is null ? _rows.Count : null;

    /// <summary>Whether rows were left behind because another statement needed the connection.</summary>
    public bool IsCut { get; private set; }

    public ValueTask<IReadOnlyList<object?[]>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        Fill(request is { Sort: null, Filter: null } ? request.Offset + request.Count : long.MaxValue, cancellationToken);
        IEnumerable<object?[]> rows = _rows;
        if (request.Filter is { Length: > 0 } filter)
        {
            rows = rows.Where(row => row.Any(value => ValueText.Of(value).Contains(filter, StringComparison.OrdinalIgnoreCase)));
        }

        if (request.Sort is { } column)
        {
            rows = request.Descending ? rows.OrderByDescending(row => row[column] as IComparable) : rows.OrderBy(row => row[column] as IComparable);
        }

        return new([.. rows.Skip((int)request.Offset).Take(request.Count)]);
    }

    public IEnumerator<dynamic> GetEnumerator()
    {
        for (var i = 0; ; i++)
        {
            if (i >= _rows.Count)
            {
                Fill(i + (long)Step, CancellationToken.None);
                if (i >= _rows.Count)
                {
                    yield break;
                }
            }

            yield return new SqlRow(_index, Columns, _rows[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reads on another way, since this one would wait for the thread that asks.</summary>
    internal void Replace(Func<int, CancellationToken, IReadOnlyList<object?[]>?> pull) => _pull = pull;

    /// <summary>Keeps what is left, up to a limit, since the connection is needed.</summary>
    internal void Drain(int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Fill(limit, cancellationToken);
            IsCut = _pull is not null;
            _pull = null;
        }
    }

    internal void Fill(long count, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            while (_pull is { } pull && _rows.Count < count)
            {
                if (pull((int)Math.Min(Step, count - _rows.Count), cancellationToken) is { } rows)
                {
                    _rows.AddRange(rows);
                }
                else
                {
                    _pull = null;
                }
            }
        }
    }
}

/// <summary>A row whose columns are members: <c>row.carrier</c>, or <c>row["carrier"]</c>.</summary>
public sealed class SqlRow : DynamicObject
{
    private readonly Dictionary<string, int> _index;
    private readonly IReadOnlyList<TableColumn> _columns;
    private readonly object?[] _values;

    internal SqlRow(Dictionary<string, int> index, IReadOnlyList<TableColumn> columns, object?[] values) => (_index, _columns, _values) = (index, columns, values);

    /// <summary>The value of a column.</summary>
    /// <exception cref="KeyNotFoundException">There is no such column.</exception>
    public object? this[string column] => _index.TryGetValue(column, out var i)
        ? _values[i]
        : throw new KeyNotFoundException(
            $"The row has no column '{column}'." + (Nearest.Of(column, _index.Keys) is { } near ? $" Did you mean '{near}'?" : $" It has: {string.Join(", ", _columns.Select(it => it.Name))}."));

    public override bool TryGetMember(GetMemberBinder binder, out object? result)
    {
        result = this[binder.Name];
        return true;
    }

    public override IEnumerable<string> GetDynamicMemberNames() => _columns.Select(column => column.Name);

    public override string ToString() => "{ " + string.Join(", ", _columns.Select((column, i) => $"{column.Name} = {ValueText.Of(_values[i])}")) + " }";
}
