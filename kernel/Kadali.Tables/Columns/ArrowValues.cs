using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Scalars;
using Apache.Arrow.Types;

namespace Kadali.Tables;

/// <summary>
/// Single values of Arrow arrays as C# values. For whole columns of known types there are the readers in <see cref="BatchColumns"/>.
/// </summary>
public static class ArrowValues
{
    private const long TicksPerMicrosecond = 10;
    private const long DaysPerMonth = 30;
    private static readonly DateOnly Epoch = new(1970, 1, 1);

    /// <summary>
    /// The value at a place, or null. What no C# type can hold (dates beyond the year 9999, infinity, intervals of months) is text.
    /// </summary>
    public static object? Get(IArrowArray array, int index, Field? field = null)
    {
        if (array is not (UnionArray or NullArray) && array.IsNull(index))
        {
            return null;
        }

        return array switch
        {
            Int32Array ints => ints.Values[index],
            Int64Array longs => longs.Values[index],
            DoubleArray doubles => doubles.Values[index],
            LargeStringArray text => text.GetString(index),
            StringArray text => text.GetString(index),
            StringViewArray text => text.GetString(index),
            BooleanArray flags => flags.GetValue(index),
            Decimal128Array wide => Decimal(Raw128(wide, index), wide.Scale, wide.Precision),
            Date32Array dates => Date(dates.Values[index]),
            TimestampArray times => Timestamp(times.Values[index], (TimestampType)times.Data.DataType),
            Int8Array numbers => numbers.Values[index],
            Int16Array numbers => numbers.Values[index],
            UInt8Array numbers => numbers.Values[index],
            UInt16Array numbers => numbers.Values[index],
            UInt32Array numbers => numbers.Values[index],
            UInt64Array numbers => numbers.Values[index],
            FloatArray numbers => numbers.Values[index],
            HalfFloatArray numbers => numbers.Values[index],
            Decimal32Array wide => wide.GetValue(index),
            Decimal64Array wide => wide.GetValue(index),
            Decimal256Array wide => wide.TryGetValue(index, out var value) ? value : wide.GetString(index),
            Date64Array dates => dates.GetDateOnly(index),
            Time32Array times => Time(times.Values[index], ((TimeBasedType)times.Data.DataType).Unit),
            Time64Array times => Time(times.Values[index], ((TimeBasedType)times.Data.DataType).Unit),
            DurationArray spans => spans.GetTimeSpan(index),
            MonthDayNanosecondIntervalArray spans => Interval(spans.Values[index]),
            DayTimeIntervalArray spans => new TimeSpan(spans.Values[index].Days, 0, 0, 0, spans.Values[index].Milliseconds),
            YearMonthIntervalArray spans => Interval(new(spans.Values[index].Months, 0, 0)),
            LargeBinaryArray bytes => bytes.GetBytes(index).ToArray(),
            BinaryArray bytes => bytes.GetBytes(index).ToArray(),
            BinaryViewArray bytes => bytes.GetBytes(index).ToArray(),
            FixedSizeBinaryArray bytes => field is not null && ArrowTypes.Extension(field) == ArrowTypes.Uuid
                ? new Guid(bytes.GetBytes(index), bigEndian: true)
                : bytes.GetBytes(index).ToArray(),
            GuidArray ids => ids.GetGuid(index),
            ExtensionArray extension => Get(extension.Storage, index),
            DictionaryArray dictionary => Get(dictionary.Dictionary, Index(dictionary.Indices, index)),
            MapArray map => Map(map, index),
            ListArray list =>
                List(list.Values, list.ValueOffsets[index], list.ValueOffsets[index + 1], ((ListType)list.Data.DataType).ValueField),
            LargeListArray list => List(list.Values, (int)list.ValueOffsets[index], (int)list.ValueOffsets[index + 1],
                ((LargeListType)list.Data.DataType).ValueField),
            FixedSizeListArray list => FixedList(list, index),
            StructArray record => Struct(record, index),
            UnionArray union => Union(union, index),
            RunEndEncodedArray runs => Get(runs.Values, runs.FindPhysicalIndex(index)),
            NullArray => null,
            _ => throw new NotSupportedException($"Arrow arrays of type {array.Data.DataType.Name} are not read."),
        };
    }

    /// <summary>The unscaled 128 bits of a decimal.</summary>
    internal static Int128 Raw128(FixedSizeBinaryArray array, int index) =>
        MemoryMarshal.Cast<byte, Int128>(array.ValueBuffer.Span)[array.Offset + index];

    /// <summary>A decimal, or where 96 bits are too few a big integer or exact text.</summary>
    internal static object Decimal(Int128 raw, int scale, int precision)
    {
        if (precision == 38 && scale == 0)
        {
            return (BigInteger)raw;
        }

        return TryDecimal(raw, scale, out var value) ? value : ExactText(raw, scale);
    }

    /// <summary>The decimal of an unscaled value; false where 96 bits are too few.</summary>
    internal static bool TryDecimal(Int128 raw, int scale, out decimal value)
    {
        var magnitude = raw < 0 ? (UInt128)(-raw) : (UInt128)raw;
        if (magnitude >> 96 != 0 || scale > 28)
        {
            value = 0;
            return false;
        }

        value = new((int)(uint)magnitude, (int)(uint)(magnitude >> 32), (int)(uint)(magnitude >> 64), raw < 0, (byte)scale);
        return true;
    }

    /// <summary>A date from days since 1970, or its text where C# has none.</summary>
    internal static object Date(int days) => TryDate(days, out var date) ? date
        : days == int.MaxValue ? "infinity"
        : days == -int.MaxValue ? "-infinity"
        : $"{days} days from 1970-01-01";

    internal static bool TryDate(int days, out DateOnly date)
    {
        var number = (long)days + Epoch.DayNumber;
        var fits = number >= 0 && number <= DateOnly.MaxValue.DayNumber;
        date = fits ? DateOnly.FromDayNumber((int)number) : days > 0 ? DateOnly.MaxValue : DateOnly.MinValue;
        return fits;
    }

    /// <summary>A time stamp as <see cref="DateTime"/>, or <see cref="DateTimeOffset"/> in UTC where its type has a zone.</summary>
    internal static object Timestamp(long value, TimestampType type)
    {
        if (!TryTicks(value, type.Unit, out var ticks))
        {
            return value == long.MaxValue ? "infinity"
                : value == -long.MaxValue ? "-infinity"
                : $"{value} {type.Unit.ToString().ToLowerInvariant()}s from 1970-01-01";
        }

        // As objects: of the two C# would make one type, and a DateTime become a moment.
        return string.IsNullOrEmpty(type.Timezone) ? (object)new DateTime(ticks) : new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    /// <summary>Ticks since the year 1; false, and the nearest end, where C# has no such time.</summary>
    internal static bool TryTicks(long value, TimeUnit unit, out long ticks)
    {
        var wide = DateTime.UnixEpoch.Ticks + (unit switch
        {
            TimeUnit.Second => (Int128)value * TimeSpan.TicksPerSecond,
            TimeUnit.Millisecond => (Int128)value * TimeSpan.TicksPerMillisecond,
            TimeUnit.Microsecond => (Int128)value * TicksPerMicrosecond,
            _ => (Int128)Math.DivRem(value, 100).Quotient,
        });
        var fits = wide >= 0 && wide <= DateTime.MaxValue.Ticks;
        ticks = fits ? (long)wide : wide < 0 ? 0 : DateTime.MaxValue.Ticks;
        return fits;
    }

    /// <summary>A time of day; 24:00:00, which SQL allows, is text.</summary>
    internal static object Time(long value, TimeUnit unit) =>
        TimeTicks(value, unit) is var ticks && ticks < TimeSpan.TicksPerDay ? new TimeOnly(ticks) : "24:00:00";

    internal static long TimeTicks(long value, TimeUnit unit) => unit switch
    {
        TimeUnit.Second => value * TimeSpan.TicksPerSecond,
        TimeUnit.Millisecond => value * TimeSpan.TicksPerMillisecond,
        TimeUnit.Microsecond => value * TicksPerMicrosecond,
        _ => value / 100,
    };

    /// <summary>A span of time; a month counts 30 days, as in SQL's comparisons.</summary>
    internal static TimeSpan Span(MonthDayNanosecondInterval interval) =>
        new((interval.Months * DaysPerMonth + interval.Days) * TimeSpan.TicksPerDay + interval.Nanoseconds / 100);

    private static object Interval(MonthDayNanosecondInterval interval)
    {
        if (interval.Months == 0)
        {
            return Span(interval);
        }

        var (years, months) = Math.DivRem(interval.Months, 12);
        var time = new TimeSpan(interval.Nanoseconds / 100);
        return string.Join(' ', new[]
        {
            Part(years, "year"), Part(months, "month"), Part(interval.Days, "day"),
            time == TimeSpan.Zero ? "" : time.ToString("c", CultureInfo.InvariantCulture),
        }.Where(part => part.Length > 0));

        static string Part(int count, string unit) => count == 0 ? "" : $"{count} {unit}{(Math.Abs(count) == 1 ? "" : "s")}";
    }

    private static string ExactText(Int128 raw, int scale)
    {
        var digits = (raw < 0 ? -(BigInteger)raw : (BigInteger)raw).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return (raw < 0 ? "-" : "") + (scale == 0 ? digits : digits[..^scale] + "." + digits[^scale..]);
    }

    internal static int Index(IArrowArray indices, int index) => indices switch
    {
        Int8Array at => at.Values[index],
        UInt8Array at => at.Values[index],
        Int16Array at => at.Values[index],
        UInt16Array at => at.Values[index],
        Int32Array at => at.Values[index],
        UInt32Array at => (int)at.Values[index],
        Int64Array at => (int)at.Values[index],
        UInt64Array at => (int)at.Values[index],
        _ => throw new NotSupportedException($"A dictionary with indices of type {indices.Data.DataType.Name} is not read."),
    };

    private static object?[] List(IArrowArray values, int start, int end, Field field)
    {
        var items = new object?[end - start];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Get(values, start + i, field);
        }

        return items;
    }

    private static object?[] FixedList(FixedSizeListArray list, int index)
    {
        var type = (FixedSizeListType)list.Data.DataType;
        var start = (list.Offset + index) * type.ListSize;
        return List(list.Values, start, start + type.ListSize, type.ValueField);
    }

    private static Dictionary<string, object?> Struct(StructArray record, int index)
    {
        var fields = ((StructType)record.Data.DataType).Fields;
        var values = new Dictionary<string, object?>(fields.Count);
        for (var i = 0; i < fields.Count; i++)
        {
            values[fields[i].Name] = Get(record.Fields[i], index, fields[i]);
        }

        return values;
    }

    private static Dictionary<object, object?> Map(MapArray map, int index)
    {
        var type = (MapType)map.Data.DataType;
        var (start, end) = (map.ValueOffsets[index], map.ValueOffsets[index + 1]);
        var values = new Dictionary<object, object?>(end - start);
        for (var i = start; i < end; i++)
        {
            values[Get(map.Keys, i, type.KeyField)!] = Get(map.Values, i, type.ValueField);
        }

        return values;
    }

    private static object? Union(UnionArray union, int index)
    {
        var id = union.TypeIds[index];
        var type = (UnionType)union.Data.DataType;
        var child = type.TypeIds.ToList().IndexOf(id);
        return Get(union.Fields[child], union is DenseUnionArray dense ? dense.ValueOffsets[index] : index, type.Fields[child]);
    }
}
