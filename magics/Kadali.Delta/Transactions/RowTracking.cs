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
                var rows = FileStatistics.Of(add)?.Rows ?? throw new InvalidOperationException($"'{add.Path}' has no number of rows.");
                assigned.Add(new()
                {
                    Add = add with { BaseRowId = add.BaseRowId ?? mark + 1, DefaultRowCommitVersion = add.DefaultRowCommitVersion ?? version },
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
            assigned.Add(new() { DomainMetadata = new(Domain, $$"""{"rowIdHighWaterMark":{{mark}}}""", Removed: false) });
        }

        return assigned;
    }

    /// <summary>The greatest id that was ever given; -1 where none was.</summary>
    public static long HighWaterMark(Snapshot? snapshot)
    {
        if (snapshot is null || !snapshot.Domains.TryGetValue(Domain, out var domain))
        {
            return -1;
        }

        try
        {
            return (long?)JsonNode.Parse(domain.Configuration)?["rowIdHighWaterMark"] ?? -1;
        }
        catch (JsonException exception)
        {
            throw new DeltaException(
                DeltaErrorKind.Corrupt, $"The row tracking domain of the table at '{snapshot.Location}' is damaged: {domain.Configuration}", inner: exception);
        }
    }
}
