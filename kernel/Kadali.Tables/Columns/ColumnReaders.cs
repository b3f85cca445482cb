using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Scalars;
using Apache.Arrow.Types;
using Kadali.Cells;

namespace Kadali.Tables;

/// <summary>Which values are null.</summary>
internal readonly ref struct Validity(IArrowArray array)
{
    private readonly ReadOnlySpan<byte> _bits = array.NullCount == 0 || array.Data.Buffers.Length == 0
        ? default
        : array.Data.Buffers[0].Span;
    private readonly int _offset = array.Offset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int row) => !_bits.IsEmpty && (_bits[(_offset + row) >> 3] >> ((_offset + row) & 7) & 1) == 0;
}

/// <summary>Whole numbers and floats.</summary>
public readonly ref struct ValueColumn<T>
    where T : unmanaged, IEquatable<T>
{
    private readonly Validity _validity;
    private readonly ReadOnlySpan<T> _values;

    internal ValueColumn(PrimitiveArray<T> array)
    {
        _validity = new(array);
        _values = array.Values;
    }

    public T? this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _validity.IsNull(row) ? null : _values[row];
    }
}

/// <summary>BOOLEAN.</summary>
public readonly ref struct BooleanColumn
{
    private readonly Validity _validity;
    private readonly ReadOnlySpan<byte> _bits;
    private readonly int _offset;

    internal BooleanColumn(BooleanArray array)
    {
        _validity = new(array);
        _bits = array.ValueBuffer.Span;
        _offset = array.Offset;
    }

    public bool? this[int row] => _validity.IsNull(row) ? null : (_bits[(_offset + row) >> 3] >> ((_offset + row) & 7) & 1) != 0;
}

/// <summary>DATE; what lies outside of C#'s years is their first or last day.</summary>
public readonly ref struct DateColumn
{
    private const long MillisecondsPerDay = 86_400_000;
    private readonly Validity _validity;
    private readonly ReadOnlySpan<int> _days;
    private readonly ReadOnlySpan<long> _milliseconds;

    internal DateColumn(IArrowArray array)
    {
        _validity = new(array);
        if (array is Date32Array days)
        {
            _days = days.Values;
        }
        else
        {
            _milliseconds = ((Date64Array)array).Values;
        }
    }

    public DateOnly? this[int row]
    {
        get
        {
            if (_validity.IsNull(row))
            {
                return null;
            }

            ArrowValues.TryDate(_days.IsEmpty ? (int)(_milliseconds[row] / MillisecondsPerDay) : _days[row], out var date);
            return date;
        }
    }
}

/// <summary>TIME; SQL's 24:00:00 is the last tick of the day.</summary>
public readonly ref struct TimeColumn
{
    private readonly Validity _validity;
    private readonly ReadOnlySpan<long> _long;
    private readonly ReadOnlySpan<int> _int;
    private readonly TimeUnit _unit;

    internal TimeColumn(IArrowArray array)
    {
        _validity = new(array);
        _unit = ((TimeBasedType)array.Data.DataType).Unit;
        if (array is Time64Array wide)
        {
            _long = wide.Values;
        }
        else
        {
            _int = ((Time32Array)array).Values;
        }
    }

    public TimeOnly? this[int row] => _validity.IsNull(row)
        ? null
        : new TimeOnly(Math.Min(ArrowValues.TimeTicks(_long.IsEmpty ? _int[row] : _long[row], _unit), TimeSpan.TicksPerDay - 1));
}

/// <summary>TIMESTAMP; what lies outside of C#'s years is their first or last moment.</summary>
public readonly ref struct DateTimeColumn
{
    private readonly Validity _validity;
    private readonly ReadOnlySpan<long> _values;
    private readonly TimeUnit _unit;

    internal DateTimeColumn(TimestampArray array)
    {
        _validity = new(array);
        _values = array.Values;
        _unit = ((TimestampType)array.Data.DataType).Unit;
    }

    public DateTime? this[int row]
    {
        get
        {
            if (_validity.IsNull(row))
            {
                return null;
            }

            // DuckDB's own unit, in years that C# has: no wide arithmetic.
            if (_unit == TimeUnit.Microsecond && Math.Abs(_values[row]) < DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond)
            {
                return new DateTime(DateTime.UnixEpoch.Ticks + _values[row] * TimeSpan.TicksPerMicrosecond);
            }

            ArrowValues.TryTicks(_values[row], _unit, out var ticks);
            return new DateTime(ticks);
        }
    }
}

/// <summary>TIMESTAMP WITH TIME ZONE, in UTC.</summary>
public readonly ref struct DateTimeOffsetColumn
{
    private readonly DateTimeColumn _times;

    internal DateTimeOffsetColumn(TimestampArray array) => _times = new(array);

    public DateTimeOffset? this[int row] => _times[row] is { } time ? new DateTimeOffset(time.Ticks, TimeSpan.Zero) : null;
}

/// <summary>INTERVAL; a month counts 30 days.</summary>
public readonly ref struct SpanColumn
{
    private readonly Validity _validity;
    private readonly ReadOnlySpan<MonthDayNanosecondInterval> _intervals;
    private readonly IArrowArray _array;

    internal SpanColumn(IArrowArray array)
    {
        _validity = new(array);
        _array = array;
        if (array is MonthDayNanosecondIntervalArray intervals)
        {
            _intervals = intervals.Values;
        }
    }

    public TimeSpan? this[int row] => _validity.IsNull(row) ? null
        : !_intervals.IsEmpty ? ArrowValues.Span(_intervals[row])
        : _array switch
        {
            DurationArray durations => durations.GetTimeSpan(row),
            YearMonthIntervalArray months => ArrowValues.Span(new(months.Values[row].Months, 0, 0)),
            _ => (TimeSpan)ArrowValues.Get(_array, row)!,
        };
}

/// <summary>DECIMAL.</summary>
public readonly ref struct DecimalColumn
{
    private readonly Validity _validity;
    private readonly ReadOnlySpan<Int128> _values;
    private readonly IArrowArray _array;
    private readonly int _scale;

    internal DecimalColumn(IArrowArray array)
    {
        _validity = new(array);
        _array = array;
        if (array is Decimal128Array wide)
        {
            _values = MemoryMarshal.Cast<byte, Int128>(wide.ValueBuffer.Span)[wide.Offset..];
            _scale = wide.Scale;
        }
    }

    /// <exception cref="CellFaultException">The value has more digits than a C# decimal.</exception>
    public decimal? this[int row]
    {
        get
        {
            if (_validity.IsNull(row))
            {
                return null;
            }

            if (_values.IsEmpty)
            {
                return (decimal)ArrowValues.Get(_array, row)!;
            }

            return ArrowValues.TryDecimal(_values[row], _scale, out var value)
                ? value
                : throw new CellFaultException(new(
                    "KDL331", $"The value {ArrowValues.Decimal(_values[row], _scale, 0)} has more digits than a C# decimal.",
                    "Cast the column to DOUBLE or VARCHAR."));
        }
    }
}

/// <summary>HUGEINT.</summary>
public readonly ref struct BigIntegerColumn
{
    private readonly Validity _validity;
    private readonly ReadOnlySpan<Int128> _values;

    internal BigIntegerColumn(Decimal128Array array)
    {
        _validity = new(array);
        _values = MemoryMarshal.Cast<byte, Int128>(array.ValueBuffer.Span)[array.Offset..];
    }

    public BigInteger? this[int row] => _validity.IsNull(row) ? null : (BigInteger)_values[row];
}

/// <summary>UUID.</summary>
public readonly ref struct GuidColumn
{
    private readonly Validity _validity;
    private readonly FixedSizeBinaryArray _array;

    internal GuidColumn(FixedSizeBinaryArray array)
    {
        _validity = new(array);
        _array = array;
    }

    public Guid? this[int row] => _validity.IsNull(row) ? null : new Guid(_array.GetBytes(row), bigEndian: true);
}

/// <summary>BLOB.</summary>
public readonly ref struct BytesColumn
{
    private readonly IArrowArray _array;

    internal BytesColumn(IArrowArray array) => _array = array;

    public byte[]? this[int row] => (byte[]?)ArrowValues.Get(_array, row);
}

/// <summary>Anything, with boxes.</summary>
public readonly ref struct ObjectColumn
{
    private readonly IArrowArray _array;
    private readonly Field? _field;

    internal ObjectColumn(IArrowArray array, Field? field)
    {
        _array = array;
        _field = field;
    }

    public object? this[int row] => ArrowValues.Get(_array, row, _field);
}
