using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>Ids that rows keep when they move (Delta protocol, "Row Tracking").</summary>
internal static class RowTracking
{
    public const string Domain = "delta.rowTracking";
    public const string RowIdProperty = "delta.rowTracking.materializedRowIdColumnName";
    public const string VersionProperty = "delta.rowTracking.materializedRowCommitVersionColumnName";

    /// <summary>Gives the files of a commit their first ids and their version, and moves the high-water mark on.</summary>
    public static List<SingleAction> Assign(DeltaTransaction transaction, List<SingleAction> actions, long version)
    {
        if (transaction.Protocol is not { } protocol || !ProtocolChecker.Features(protocol).Contains(TableFeature.RowTracking))
        {
            return actions;
        }

        var mark = HighWaterMark(transaction.Snapshot);
        var before = mark;
        var assigned = new List<SingleAction>();
        foreach (var action in actions)
        {
            if (action.Add is { } add && (add.BaseRowId is null || add.DefaultRowCommitVersion is null))
            {
                var rows = FileStatistics.Rows(add) ?? throw new InvalidOperationException($"'{add.Path}' has no number of rows.");
                assigned.Add(new()
                {
                    Add = add with
                    {
                        BaseRowId = add.BaseRowId ?? mark + 1, DefaultRowCommitVersion = add.DefaultRowCommitVersion ?? version,
                    },
                });
                mark += add.BaseRowId is null ? rows : 0;
            }
            else
            {
                assigned.Add(action);
            }
        }

        if (mark != before)
        {
            assigned.Add(new() { DomainMetadata = new(Domain, Configuration(mark), Removed: false) });
        }

        return assigned;
    }

    /// <summary>
    /// The actions of a commit that was to have a version and now follows the one that has it: its new ids come after the winner's.
    /// </summary>
    /// <param name="mark">The greatest id before the commit; moved on to the winner's.</param>
    public static IReadOnlyList<SingleAction> Rebase(
        IReadOnlyList<SingleAction> actions, IReadOnlyList<SingleAction> winner, long version, ref long mark)
    {
        var before = mark;
        var shift = 0L;
        if (winner.LastOrDefault(action => action.DomainMetadata?.Domain == Domain)?.DomainMetadata is { } domain
            && Mark(domain) is var theirs && theirs > before)
        {
            shift = theirs - before;
            mark = theirs;
        }

        // Files that the winner gave ids without touching them: what is derived from them keeps those.
        var given = winner.Select(action => action.Add).OfType<AddFile>().Where(add => add.BaseRowId is not null)
            .GroupBy(add => add.Path, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last(), StringComparer.Ordinal);
        return [.. actions.Select(action => action switch
        {
            { Add: { } add } => action with { Add = Rebase(add, before, shift, version, given) },
            { DomainMetadata: { Domain: Domain } ours } => action with
            {
                DomainMetadata = ours with { Configuration = Configuration(Mark(ours) + shift) },
            },
            _ => action,
        })];
    }

    /// <summary>The greatest id that was ever given; -1 where none was.</summary>
    public static long HighWaterMark(Snapshot? snapshot) =>
        snapshot is not null && snapshot.Domains.TryGetValue(Domain, out var domain) ? Mark(domain) : -1;

    private static AddFile Rebase(AddFile add, long before, long shift, long version, Dictionary<string, AddFile> given) => add with
    {
        BaseRowId = add.BaseRowId > before ? add.BaseRowId + shift : add.BaseRowId ?? given.GetValueOrDefault(add.Path)?.BaseRowId,
        DefaultRowCommitVersion = add.DefaultRowCommitVersion == version
            ? version + 1
            : add.DefaultRowCommitVersion ?? given.GetValueOrDefault(add.Path)?.DefaultRowCommitVersion,
    };

    private static string Configuration(long mark) => $$"""{"rowIdHighWaterMark":{{mark}}}""";

    private static long Mark(DomainMetadata domain)
    {
        try
        {
            return (long?)JsonNode.Parse(domain.Configuration)?["rowIdHighWaterMark"] ?? -1;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new DeltaException(
                DeltaErrorKind.Corrupt, $"The row tracking domain of the table is damaged: {domain.Configuration}", inner: exception);
        }
    }
}
