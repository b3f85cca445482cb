using System.Data.SqlTypes;
using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Kadali.Delta.Spark.Tests;

/// <summary>Arrow's rows as text that is the same for equal values, whoever made them.</summary>
internal static class ArrowText
{
    /// <summary>Each row as one text, sorted, with the columns' names before them.</summary>
    /// <param name="columns">Those that are wanted; none for all.</param>
    public static string[] Of(IEnumerable<RecordBatch> batches, params string[] columns)
    {
        var names = "";
        var rows = new List<string>();
        foreach (var batch in batches)
        {
            var fields = columns.Length == 0 ? batch.Schema.FieldsList.Select(field => field.Name).ToArray() : columns;
            var arrays = columns.Length == 0 ? [.. batch.Arrays] : columns.Select(batch.Column).ToArray();
            names = string.Join('|', fields);
            rows.AddRange(Enumerable.Range(0, batch.Length).Select(row => string.Join('|', arrays.Select(column => Of(column, row)))));
        }

        rows.Sort(StringComparer.Ordinal);
        return [names, .. rows];
    }

    private static string Of(IArrowArray array, int i) => array.IsNull(i) ? "null" : array switch
    {
        BooleanArray values => values.GetValue(i) == true ? "true" : "false",
        Int8Array values => Number(values.GetValue(i)!.Value),
        Int16Array values => Number(values.GetValue(i)!.Value),
        Int32Array values => Number(values.GetValue(i)!.Value),
        Int64Array values => Number(values.GetValue(i)!.Value),
        FloatArray values => values.GetValue(i)!.Value.ToString("R", CultureInfo.InvariantCulture),
        DoubleArray values => values.GetValue(i)!.Value.ToString("R", CultureInfo.InvariantCulture),
        Decimal128Array values => Decimal(values, i),
        StringArray values => "'" + values.GetString(i) + "'",
        Date32Array values => values.GetDateTime(i)!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimestampArray values => Time(values, i),
        BinaryArray values => Convert.ToHexString(values.GetBytes(i)),
        StructArray values => "{" + string.Join(
            ", ", values.Fields.Select((field, k) => $"{((StructType)values.Data.DataType).Fields[k].Name}: {Of(field, i)}")) + "}",
        MapArray values => "(" + string.Join(
            ", ", Items(values, i).Select(k => $"{Of(values.Keys, k)}: {Of(values.Values, k)}").Order(StringComparer.Ordinal)) + ")",
        ListArray values => "[" + string.Join(", ", Items(values, i).Select(k => Of(values.Values, k))) + "]",
        NullArray => "null",
        _ => throw new NotSupportedException($"{array.Data.DataType.Name} is not compared here."),
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whole numbers look the same whatever type an engine gives a sum.</summary>
    private static string Decimal(Decimal128Array values, int i) =>
        values.GetSqlDecimal(i) is SqlDecimal number ? number.ToString() : "null";

    private static string Time(TimestampArray values, int i)
    {
        var type = (TimestampType)values.Data.DataType;
        var micros = type.Unit switch
        {
            TimeUnit.Second => values.GetValue(i)!.Value * 1_000_000,
            TimeUnit.Millisecond => values.GetValue(i)!.Value * 1_000,
            TimeUnit.Microsecond => values.GetValue(i)!.Value,
            _ => values.GetValue(i)!.Value / 1_000,
        };
        return DateTime.UnixEpoch.AddTicks(micros * 10).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)
            + (type.Timezone is null ? "" : "Z");
    }

    private static IEnumerable<int> Items(ListArray lists, int i) =>
        Enumerable.Range(lists.ValueOffsets[i], lists.ValueOffsets[i + 1] - lists.ValueOffsets[i]);
}
