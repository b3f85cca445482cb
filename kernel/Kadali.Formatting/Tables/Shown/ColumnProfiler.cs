using System.Globalization;
using System.Numerics;

namespace Kadali.Formatting;

/// <summary>
/// Takes a column's values one by one. Up to some thousand different values it is exact; then distinct values are estimated.
/// </summary>
internal sealed class ColumnProfiler
{
    private const int Exact = 10_000;
    private const int Listed = 3;
    private readonly Histogram _histogram = new();
    private Dictionary<object, long>? _counts = [];
    private DistinctEstimate? _estimate;
    private long _nulls;
    private long _numbers;
    private long _others;
    private double _sum;
    private object? _min;
    private object? _max;

    public void Add(object? value)
    {
        if (value is null or DBNull)
        {
            _nulls++;
            return;
        }

        Count(value);
        if (Number(value) is { } number)
        {
            _numbers++;
            if (double.IsFinite(number))
            {
                _sum += number;
                _histogram.Add(number);
                _min = _min is null || Number(_min) > number ? value : _min;
                _max = _max is null || Number(_max) < number ? value : _max;
            }
        }
        else
        {
            _others++;
        }
    }

    public ColumnProfile Profile()
    {
        var measured = _numbers > 0 && _others == 0 && _min is not null;
        var time = _min is DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan;
        var listed = _counts is { } counts && (!measured || counts.Count <= Listed) ? Top(counts) : [];
        return new(
            _nulls,
            _counts?.Count ?? _estimate!.Count,
            _counts is null,
            measured ? ValueText.Of(_min) : null,
            measured ? ValueText.Of(_max) : null,
            measured && !time ? (_sum / _numbers).ToString("G6", CultureInfo.InvariantCulture) : null,
            measured && listed.Count == 0 ? _histogram.Bars() : null,
            listed);
    }

    private static IReadOnlyList<(string, long)> Top(Dictionary<object, long> counts) =>
        [.. counts.OrderByDescending(pair => pair.Value).Take(Listed).Select(pair => (ValueText.Of(pair.Key, 60), pair.Value))];

    private void Count(object value)
    {
        // Arrays and the like are the same where their text is.
        var key = value is IConvertible or IEquatable<object> || value.GetType().IsValueType ? value : ValueText.Of(value, 1000);
        if (_counts is { } counts)
        {
            counts[key] = counts.GetValueOrDefault(key) + 1;
            if (counts.Count > Exact)
            {
                _estimate = new();
                foreach (var seen in counts.Keys)
                {
                    _estimate.Add(seen);
                }

                _counts = null;
            }
        }
        else
        {
            _estimate!.Add(key);
        }
    }

    private static double? Number(object value) => value switch
    {
        double number => number,
        long number => number,
        int number => number,
        DateTime time => time.Ticks,
        DateTimeOffset time => time.UtcTicks,
        DateOnly day => day.DayNumber,
        TimeOnly time => time.Ticks,
        TimeSpan span => span.Ticks,
        BigInteger number => (double)number,
        Int128 number => (double)number,
        UInt128 number => (double)number,
        Half number => (double)number,
        bool or char or string or Enum => null,
        IConvertible number => number.ToDouble(CultureInfo.InvariantCulture),
        _ => null,
    };
}

/// <summary>
/// Counts numbers into ranges whose width is a power of two and doubles whenever a number falls outside, so that one pass is enough and
/// every count is exact.
/// </summary>
internal sealed class Histogram
{
    private const int Most = 40;
    private long[] _counts = [];
    private double _width;
    private double _first;
    private double? _only;
    private long _same;

    public void Add(double value)
    {
        if (_counts.Length == 0)
        {
            if (_only is null || _only == value)
            {
                (_only, _same) = (value, _same + 1);
                return;
            }

            _width = Math.Max(double.Epsilon * 2, Math.Pow(2, Math.Ceiling(Math.Log2(Math.Abs(value - _only.Value) / Most * 2))));
            _first = Math.Floor(Math.Min(value, _only.Value) / _width);
            _counts = new long[Most];
            _counts[Place(_only.Value)] = _same;
        }

        while (Math.Floor(value / _width) is var at && (at < _first || at >= _first + Most))
        {
            if (at < _first && _first - at <= Free())
            {
                // There is room above: the ranges move down.
                Array.Copy(_counts, 0, _counts, (int)(_first - at), Most - (int)(_first - at));
                Array.Clear(_counts, 0, (int)(_first - at));
                _first = at;
                break;
            }

            Widen();
        }

        _counts[Place(value)]++;
    }

    /// <summary>The counts between the least and the greatest number.</summary>
    public IReadOnlyList<long> Bars()
    {
        if (_counts.Length == 0)
        {
            return _only is null ? [] : [_same];
        }

        var (low, high) = (Array.FindIndex(_counts, count => count > 0), Array.FindLastIndex(_counts, count => count > 0));
        return _counts[low..(high + 1)];
    }

    private int Place(double value) => (int)Math.Clamp(Math.Floor(value / _width) - _first, 0, Most - 1);

    private int Free() => Most - 1 - Array.FindLastIndex(_counts, count => count > 0);

    private void Widen()
    {
        var (wide, first) = (new long[Most], Math.Floor(_first / 2));
        for (var i = 0; i < Most; i++)
        {
            wide[(int)(Math.Floor((_first + i) / 2) - first)] += _counts[i];
        }

        (_counts, _first, _width) = (wide, first, _width * 2);
    }
}

/// <summary>
/// How many different values there were, by HyperLogLog with 4,096 registers: within about two per cent, in four kilobytes.
/// </summary>
internal sealed class DistinctEstimate
{
    private const int Bits = 12;
    private readonly byte[] _registers = new byte[1 << Bits];

    public long Count
    {
        get
        {
            double m = _registers.Length;
            var estimate = 0.7213 / (1 + (1.079 / m)) * m * m / _registers.Sum(register => Math.Pow(2, -register));
            var empty = _registers.Count(register => register == 0);
            return (long)Math.Round(estimate <= 2.5 * m && empty > 0 ? m * Math.Log(m / empty) : estimate);
        }
    }

    public void Add(object value)
    {
        // The framework's hash codes are no good here: that of an int is the int. A round of a 64-bit finalizer spreads them.
        var hash = value switch
        {
            long number => (ulong)number,
            double number => BitConverter.DoubleToUInt64Bits(number),
            DateTime time => (ulong)time.Ticks,
            string text => Text(text),
            int number => (ulong)number,
            _ => Text(ValueText.Of(value, 1000)),
        };
        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
        hash ^= hash >> 31;
        var register = (int)(hash >> (64 - Bits));
        var rank = (byte)Math.Min(BitOperations.LeadingZeroCount(hash << Bits) + 1, 64 - Bits + 1);
        _registers[register] = Math.Max(_registers[register], rank);
    }

    private static ulong Text(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in text)
        {
            hash = (hash ^ letter) * 1099511628211;
        }

        return hash;
    }
}
