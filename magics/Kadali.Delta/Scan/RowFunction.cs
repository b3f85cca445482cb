using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Kadali.Delta;

/// <summary>
/// A function BOOLEAN of (BIGINT, UBIGINT, BIGINT) that DuckDB calls with whole vectors. The readers and writers that DuckDB.NET makes for
/// each vector cost more than looking up the few rows that a selective query leaves of it.
/// </summary>
internal static unsafe class RowFunction
{
    /// <summary>Computes a vector.</summary>
    /// <param name="first">The first arguments; none is null.</param>
    /// <param name="second">The second ones, as many.</param>
    /// <param name="third">The third ones, as many.</param>
    /// <param name="results">As many, to be filled.</param>
    public delegate void Body(ReadOnlySpan<long> first, ReadOnlySpan<ulong> second, ReadOnlySpan<long> third, Span<bool> results);

    /// <summary>Makes a function known to DuckDB.</summary>
    public static void Register(DuckDBConnection connection, string name, Body body)
    {
        var function = NativeMethods.ScalarFunction.DuckDBCreateScalarFunction();
        try
        {
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetName(function, name);
            using var number = NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.BigInt);
            using var unsigned = NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.UnsignedBigInt);
            using var truth = NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Boolean);
            NativeMethods.ScalarFunction.DuckDBScalarFunctionAddParameter(function, number);
            NativeMethods.ScalarFunction.DuckDBScalarFunctionAddParameter(function, unsigned);
            NativeMethods.ScalarFunction.DuckDBScalarFunctionAddParameter(function, number);
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetReturnType(function, truth);
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetExtraInfo(
                function, GCHandle.ToIntPtr(GCHandle.Alloc(body)), &Release);
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetFunction(function, &Compute);
            if (NativeMethods.ScalarFunction.DuckDBRegisterScalarFunction(connection.NativeConnection, function) != DuckDBState.Success)
            {
                throw new InvalidOperationException($"DuckDB takes no function '{name}'.");
            }
        }
        finally
        {
            NativeMethods.ScalarFunction.DuckDBDestroyScalarFunction(ref function);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint body) => GCHandle.FromIntPtr(body).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Compute(nint info, nint input, nint output)
    {
        try
        {
            var body = (Body)GCHandle.FromIntPtr(NativeMethods.ScalarFunction.DuckDBScalarFunctionGetExtraInfo(info)).Target!;

            // Not owned: DuckDB's own chunk.
            using var chunk = new DuckDBDataChunk(input);
            var count = (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk);
            body(
                new(Data(chunk, 0), count), new(Data(chunk, 1), count), new(Data(chunk, 2), count),
                new(NativeMethods.Vectors.DuckDBVectorGetData(output), count));
        }
        catch (Exception exception)
        {
            // No exception may pass through DuckDB's frames: it becomes the error of the query.
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetError(info, exception.Message);
        }
    }

    private static void* Data(DuckDBDataChunk chunk, int column) =>
        NativeMethods.Vectors.DuckDBVectorGetData(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, column));
}
