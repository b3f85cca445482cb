using System.Globalization;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// The Z-order curve through the values of some columns: each becomes a bucket of about equally many rows, and the bits of the buckets
/// are laced together.
/// </summary>
internal sealed class ZOrder : IDisposable
{
    /// <summary>BIGINT: where on the curve a row lies.</summary>
    public const string Column = "__delta_zorder";

    private const int Sample = 100_000;

    private readonly DuckDb _duckDb;
    private readonly List<string> _tables = [];

    private ZOrder(DuckDb duckDb) => _duckDb = duckDb;

    /// <summary>The rows, with <see cref="Column"/>.</summary>
    public string Sql { get; private set; } = "";

    /// <param name="rows">A query.</param>
    /// <param name="columns">Of the query.</param>
    /// <param name="isHilbert">Whether rows go along the Hilbert curve instead, which several columns share more evenly.</param>
    public static ZOrder Of(
        DeltaSession session, DeltaType.Struct schema, string rows, IReadOnlyList<string> columns, bool isHilbert,
        CancellationToken cancellationToken)
    {
        var order = new ZOrder(session.DuckDb);
        try
        {
            order.Build(session, schema, rows, columns, isHilbert && columns.Count > 1, cancellationToken);
            return order;
        }
        catch
        {
            order.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var table in _tables)
        {
            _duckDb.Drop(table);
        }
    }

    private void Build(
        DeltaSession session, DeltaType.Struct schema, string rows, IReadOnlyList<string> columns, bool isHilbert,
        CancellationToken cancellationToken)
    {
        var sample = Table("sample");
        var names = columns.Select(name => DuckDb.Name(schema.Find(name)?.Name ?? name)).ToArray();
        _duckDb.Execute(
            string.Create(
                CultureInfo.InvariantCulture,
                $"CREATE OR REPLACE TEMP TABLE {sample} AS SELECT {string.Join(", ", names)} FROM ({rows}) USING SAMPLE {Sample} ROWS"),
            cancellationToken);
        var joins = new List<string>();
        var buckets = new List<string>();
        for (var i = 0; i < names.Length; i++)
        {
            if (IsNumber(schema.Find(columns[i])?.Type))
            {
                var slot = session.ZOrderBuckets.Take(_duckDb.Query(
                    $"SELECT CAST({names[i]} AS DOUBLE) AS v FROM {sample} WHERE {names[i]} IS NOT NULL ORDER BY v",
                    reader => reader.GetDouble(0), cancellationToken));

                // No null may come to the function, not even where its result is not looked at.
                var value = $"_rows.{names[i]}";
                buckets.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"(CASE WHEN {value} IS NULL THEN 0 "
                        + $"ELSE {ZOrderBuckets.Function}({slot}, coalesce(CAST({value} AS DOUBLE), 0)) END)"));
                continue;
            }

            var bounds = Table(string.Create(CultureInfo.InvariantCulture, $"bounds_{i}"));
            _duckDb.Execute(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"CREATE OR REPLACE TEMP TABLE {bounds} AS SELECT min({names[i]}) AS v, bucket "
                        + $"FROM (SELECT {names[i]}, ntile({ZOrderBuckets.Count}) OVER (ORDER BY {names[i]}) - 1 AS bucket "
                        + $"FROM {sample} WHERE {names[i]} IS NOT NULL) GROUP BY bucket"),
                cancellationToken);
            joins.Add(string.Create(CultureInfo.InvariantCulture, $" ASOF LEFT JOIN {bounds} AS b{i} ON _rows.{names[i]} >= b{i}.v"));
            buckets.Add(string.Create(CultureInfo.InvariantCulture, $"coalesce(b{i}.bucket, 0)"));
        }

        var bits = new List<string>();
        var depth = ZOrderBuckets.Depth(buckets.Count);
        for (var bit = ZOrderBuckets.Bits - 1; bit >= ZOrderBuckets.Bits - depth; bit--)
        {
            foreach (var bucket in buckets)
            {
                var to = depth * buckets.Count - 1 - bits.Count;
                bits.Add(string.Create(CultureInfo.InvariantCulture, $"((({bucket} >> {bit}) & 1) << {to})"));
            }
        }

        var place = string.Join(" | ", bits);
        if (isHilbert)
        {
            session.ZOrderBuckets.RegisterCurve();
            place = string.Create(CultureInfo.InvariantCulture, $"{ZOrderBuckets.Curve}(CAST({place} AS BIGINT), {columns.Count}::BIGINT)");
        }

        Sql = $"SELECT _rows.*, {place} AS {Column} FROM ({rows}) AS _rows{string.Concat(joins)}";
    }

    private static bool IsNumber(DeltaType? type) =>
        type is DeltaType.Decimal or DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" or "double" or "float" };

    private string Table(string name)
    {
        var table = $"__delta_zorder_{name}";
        _tables.Add(table);
        return table;
    }
}

/// <summary>
/// Bounds of buckets, and the function by which DuckDB asks in which one a number is. Sorting all rows for that would cost more than their
/// order.
/// </summary>
internal sealed class ZOrderBuckets(DuckDb duckDb)
{
    /// <summary>BIGINT of (slot BIGINT, value DOUBLE): the place of the bucket.</summary>
    public const string Function = "__delta_bucket";

    /// <summary>BIGINT of (place on the Z-order curve BIGINT, columns BIGINT): the place on the Hilbert curve.</summary>
    public const string Curve = "__delta_hilbert";

    public const int Bits = 10;
    public const int Count = 1 << Bits;

    /// <summary>How many bits of each column's bucket, from the highest on, a place on a curve through so many columns has.</summary>
    /// <exception cref="DeltaException">A BIGINT has not one bit for each.</exception>
    public static int Depth(int columns) => columns <= MostColumns
        ? Math.Min(Bits, MostColumns / columns)
        : throw new DeltaException(
            DeltaErrorKind.Argument, $"Rows are ordered by {MostColumns} columns at most, not by {columns}.",
            "Name the few by which queries choose: each further column makes the order by the others worse.");

    // The sign is no place for a bit of a curve.
    private const int MostColumns = 63;

    // As many columns as a statement has at most; the oldest bounds are forgotten.
    private readonly double[][] _bounds = new double[64][];
    private int _next;

    /// <param name="sorted">A sample of the values; none where there are but nulls.</param>
    public int Take(List<double> sorted)
    {
        duckDb.EnsureFunction(Function, connection => connection.RegisterScalarFunction<long, double, long>(Function, Bucket));
        var slot = _next++ % _bounds.Length;
        _bounds[slot] =
        [
            .. Enumerable.Range(1, sorted.Count == 0 ? 0 : Count - 1).Select(i => (int)((long)i * sorted.Count / Count)).Distinct()
                .Select(i => sorted[i]),
        ];
        return slot;
    }

    public void RegisterCurve() =>
        duckDb.EnsureFunction(Curve, connection => connection.RegisterScalarFunction<long, long, long>(Curve, OnCurve));

    private static long OnCurve(long laced, long columns)
    {
        Span<int> point = stackalloc int[(int)columns];
        var depth = Depth(point.Length);
        for (var bit = 0; bit < depth * point.Length; bit++)
        {
            var of = point.Length - 1 - bit % point.Length;
            point[of] |= (int)(laced >> bit & 1) << (bit / point.Length);
        }

        return Hilbert.Place(point, depth);
    }

    private long Bucket(long slot, double value)
    {
        var place = Array.BinarySearch(_bounds[slot], value);
        return place < 0 ? ~place : place + 1;
    }
}
