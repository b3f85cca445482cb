using Apache.Arrow;

namespace Kadali.Tables;

/// <summary>Rows that come value by value, as from ADO.NET, as record batches of one schema.</summary>
public sealed class RowBatches
{
    private readonly (string Name, ColumnBuilder Builder)[] _columns;
    // Decimals whose scale nobody said get room behind the point where more rows come than were seen.
    private const int FreeScale = 10;
    private readonly IReadOnlyList<DecimalBuilder> _free;
    private Schema? _schema;
    private int _rows;

    /// <param name="columns">Name and C# type of each column; a type of object is that of the first batch's values.
    /// A scale is that of decimals, and negative where it is not known.</param>
    public RowBatches(IEnumerable<(string Name, Type Type, int Scale)> columns)
    {
        var factory = new BuilderFactory();
        _columns = [.. columns.Select(column => (column.Name, factory.Of(column.Type)))];
        var free = new List<DecimalBuilder>();
        foreach (var ((_, builder), (_, _, scale)) in _columns.Zip(columns))
        {
            if (builder is DecimalBuilder decimals && scale < 0)
            {
                free.Add(decimals);
            }
            else
            {
                (builder as DecimalBuilder)?.Observe(new decimal(0, 0, 0, false, (byte)scale));
            }
        }

        _free = free;
    }

    /// <summary>Rows since the last batch.</summary>
    public int Count => _rows;

    /// <summary>Adds a row; each value is of its column's type, or null.</summary>
    /// <exception cref="SequenceException">A value does not fit its column.</exception>
    public void Append(IReadOnlyList<object?> row)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            _columns[i].Builder.AppendObject(row[i]);
        }

        _rows++;
    }

    /// <summary>The rows as a batch; they are forgotten here.</summary>
    /// <param name="isLast">Whether no rows follow.</param>
    /// <exception cref="SequenceException">A value does not fit its column.</exception>
    public RecordBatch Build(bool isLast)
    {
        if (_schema is null && !isLast)
        {
            foreach (var decimals in _free)
            {
                decimals.Observe(new decimal(0, 0, 0, false, FreeScale));
            }
        }

        var arrays = _columns.Select(column => ArrowArrayFactory.BuildArray(column.Builder.Build())).ToArray();
        _schema ??= new(_columns.Select(column => column.Builder.Field(column.Name)), null);
        var batch = new RecordBatch(_schema, arrays, _rows);
        _rows = 0;
        return batch;
    }
}
