using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>What a magic ran: <c>--history</c>. The oldest entries go first.</summary>
internal sealed class QueryHistory
{
    private const int Most = 1000;
    private readonly Queue<QueryHistoryEntry> _entries = [];
    private readonly Lock _lock = new();

    public void Add(QueryHistoryEntry entry)
    {
        lock (_lock)
        {
            _entries.Enqueue(entry);
            if (_entries.Count > Most)
            {
                _entries.Dequeue();
            }
        }
    }

    /// <summary>The entries, the latest last.</summary>
    public ITable ToTable()
    {
        lock (_lock)
        {
            return new SequenceTable(_entries.ToArray(), typeof(QueryHistoryEntry));
        }
    }
}

/// <summary>One statement in <c>--history</c>.</summary>
/// <param name="Rows">Rows that were given (as far as they were read) or changed, or null.</param>
/// <param name="State">done, explained, interrupted or failed.</param>
public sealed record QueryHistoryEntry(DateTime Started, double Milliseconds, long? Rows, string State, string Sql);
