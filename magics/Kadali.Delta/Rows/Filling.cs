using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>A sequence of rows that a table is to take, of whichever kind.</summary>
internal sealed class Filling<T>
{
    private readonly Func<RowStage<T>, CancellationToken, Task> _fill;

    internal Filling(Func<RowStage<T>, CancellationToken, Task> fill) => _fill = fill;

    /// <summary>Takes all rows. The sequence runs on a thread of the pool.</summary>
    /// <exception cref="DeltaException">A row cannot be taken.</exception>
    public async Task IntoAsync(RowStage<T> stage, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => _fill(stage, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (DuckDBException exception)
        {
            throw EngineFailure.Of(exception);
        }
    }
}

/// <summary>Makes a <see cref="Filling{T}"/>.</summary>
internal static class Filling
{
    public static Filling<T> Of<T>(IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new((stage, cancellationToken) =>
        {
            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                stage.Add(row);
            }

            stage.Complete();
            return Task.CompletedTask;
        });
    }

    public static Filling<T> Of<T>(IAsyncEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new(async (stage, cancellationToken) =>
        {
            await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                stage.Add(row);
            }

            stage.Complete();
        });
    }
}
