using System.Text.Json.Nodes;
using static Kadali.Delta.Tests.Transactions.Commits;

namespace Kadali.Delta.Tests.Transactions;

/// <summary>Delta's conflict matrix, case by case: what a commit that lost version 5 does about the winner.</summary>
public sealed class ConflictCheckerTests
{
    private static readonly Func<AddFile, bool> OfA = file => file.PartitionValues["p"] == "a";

    public static TheoryData<string, DeltaConflict?> Cases()
    {
        var data = new TheoryData<string, DeltaConflict?>();
        foreach (var (name, (_, _, conflict)) in Matrix)
        {
            data.Add(name, conflict);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_matrix_says_which_commits_go_together(string name, DeltaConflict? conflict)
    {
        var (ours, winner, _) = Matrix[name];

        if (conflict is null)
        {
            Assert.NotEmpty(ConflictChecker.Check(ours, 5, winner).Actions);
            return;
        }

        var refused = Assert.Throws<DeltaConflictException>(() => ConflictChecker.Check(ours, 5, winner));

        Assert.Equal(conflict, refused.Conflict);
        Assert.Equal(5, refused.Version);
        Assert.StartsWith("Version 5", refused.Message, StringComparison.Ordinal);
        Assert.Contains("/data/sales", refused.Message);
    }

    private static readonly Dictionary<string, (PreparedCommit Ours, SingleAction[] Winner, DeltaConflict? Conflict)> Matrix = new()
    {
        ["append, append"] = (Ours(Reads(), Add("x")), [Info(blind: true), Add("y")], null),
        ["append, delete"] = (Ours(Reads(), Add("x")), [Info(), Remove("y")], null),
        ["append, overwrite"] = (Ours(Reads(), Add("x")), [Info(), Remove("y"), Add("z")], null),
        ["read of a, append to a"] =
            (Ours(Reads(OfA), Remove("x"), Add("y")), [Info(blind: true), Add("z", "a")], DeltaConflict.ConcurrentAppend),
        ["read of a, append to b"] = (Ours(Reads(OfA), Remove("x"), Add("y")), [Info(blind: true), Add("z", "b")], null),
        ["read of all, append"] = (Ours(ReadAll(), Add("y")), [Info(blind: true), Add("z")], DeltaConflict.ConcurrentAppend),
        ["write-serializable read of a, blind append to a"] =
            (Ours(Reads(OfA), Remove("x")) with { Level = IsolationLevel.WriteSerializable }, [Info(blind: true), Add("z", "a")], null),
        ["write-serializable read of a, append to a that read"] = (
            Ours(Reads(OfA), Remove("x")) with { Level = IsolationLevel.WriteSerializable }, [Info(), Add("z", "a")],
            DeltaConflict.ConcurrentAppend),
        ["write-serializable change of schema, blind append"] = (
            Ours(ReadAll(), Remove("x"), new() { Metadata = Table with { Name = "n" } }) with { Level = IsolationLevel.WriteSerializable },
            [Info(blind: true), Add("z", "a")], DeltaConflict.ConcurrentAppend),
        ["optimize of a, append to a"] = (
            Ours(Reads(OfA, "x"), Remove("x", dataChange: false),
                Add("y", "a", dataChange: false)) with { Level = IsolationLevel.SnapshotIsolation },
            [Info(), Add("z", "a")], null),
        ["optimize of x, delete of x"] = (
            Ours(Reads(OfA, "x"), Remove("x", dataChange: false),
                Add("y", "a", dataChange: false)) with { Level = IsolationLevel.SnapshotIsolation },
            [Info(), Remove("x")], DeltaConflict.ConcurrentDeleteRead),
        ["delete of x in a, optimize of others in a"] =
            (Ours(Reads(OfA, "x"), Remove("x")), [Info(), Remove("v", dataChange: false), Add("w", "a", dataChange: false)], null),
        ["delete of x, optimize of x"] = (
            Ours(Reads(OfA, "x"), Remove("x")), [Info(), Remove("x", dataChange: false), Add("w", "a", dataChange: false)],
            DeltaConflict.ConcurrentDeleteRead),
        ["read of x, delete of x"] = (Ours(Reads(OfA, "x"), Add("y")), [Info(), Remove("x")], DeltaConflict.ConcurrentDeleteRead),
        ["read of x, delete of y"] = (Ours(Reads(OfA, "x"), Add("y")), [Info(), Remove("y")], null),
        ["read of all, delete"] = (Ours(ReadAll(), Add("y")), [Info(), Remove("x")], DeltaConflict.ConcurrentDeleteRead),
        ["delete of x unread, delete of x"] = (Ours(Reads(), Remove("x")), [Info(), Remove("x")], DeltaConflict.ConcurrentDeleteDelete),
        ["delete of x unread, deletion vector for x"] = (
            Ours(Reads(), Remove("x", vector: "old")), [Info(), Remove("x"), Add("x", vector: "new")],
            DeltaConflict.ConcurrentDeleteDelete),
        ["overwrite, overwrite"] =
            (Ours(ReadAll(), Remove("x"), Add("y")), [Info(), Remove("x"), Add("z")], DeltaConflict.ConcurrentAppend),
        ["overwrite of an empty table, the same"] = (Ours(ReadAll(), Add("y")), [Info(), Add("z")], DeltaConflict.ConcurrentAppend),
        ["overwrite of a, overwrite of b"] = (Ours(Reads(OfA, "x"), Remove("x"), Add("y")), [Info(), Remove("v"), Add("z", "b")], null),
        ["append, protocol with a feature that sleeps"] = (Ours(Reads(), Add("x")), [Info(), Supports("deletionVectors")], null),
        ["append, protocol with row tracking"] =
            (Ours(Reads(), Add("x")), [Info(), Supports("rowTracking", "domainMetadata")], DeltaConflict.ProtocolChanged),
        ["append, protocol that is unknown"] =
            (Ours(Reads(), Add("x")), [Info(), Supports("teleportation")], DeltaConflict.ProtocolChanged),
        ["append, protocol without a feature"] = (
            Ours(Reads(), Add("x")) with { Protocol = Supports("deletionVectors").Protocol }, [Info(), new() { Protocol = new(1, 2) }],
            DeltaConflict.ProtocolChanged),
        ["protocol, protocol"] =
            (Ours(Reads(), Supports("deletionVectors")), [Info(), Supports("deletionVectors")], DeltaConflict.ProtocolChanged),
        ["creation, creation"] = (
            Ours(ReadAll(), new() { Protocol = new(1, 2) }, new() { Metadata = Table }) with { Protocol = null, Metadata = null },
            [Info(), new() { Protocol = new(1, 2) }, new() { Metadata = Table with { Id = "other" } }], DeltaConflict.ProtocolChanged),
        ["append, schema"] = (Ours(Reads(), Add("x")), [Info(), Changed(schema: Schema("a", "b"))], DeltaConflict.MetadataChanged),
        ["append, constraint"] =
            (Ours(Reads(), Add("x")), [Info(), Changed(("delta.constraints.c", "a > 0"))], DeltaConflict.MetadataChanged),
        ["append, change data feed"] =
            (Ours(Reads(), Add("x")), [Info(), Changed(("delta.enableChangeDataFeed", "true"))], DeltaConflict.MetadataChanged),
        ["append, retention"] = (Ours(Reads(), Add("x")), [Info(), Changed(("delta.logRetentionDuration", "interval 1 days"))], null),
        ["append, property of the user's"] = (Ours(Reads(), Add("x")), [Info(), Changed(("owner", "me"))], null),
        ["property, property"] = (
            Ours(Reads(), Changed(("owner", "me"))), [Info(), Changed(("owner", "you"))], DeltaConflict.MetadataChanged),
        ["append, identities given"] = (Ours(Reads(), Add("x")), [Info(), Add("y"), Changed(schema: Schema("a", mark: 7))], null),
        ["append, row tracking turned on"] = (Ours(Reads(), Add("x")), [Info(), Changed(("delta.enableRowTracking", "true"))], null),
        ["update, row tracking turned on"] = (
            Ours(Reads(OfA, "x"), Remove("x"), Add("y")), [Info(), Changed(("delta.enableRowTracking", "true"))],
            DeltaConflict.MetadataChanged),
        ["append, row tracking turned off"] = (
            Ours(Reads(), Add("x")) with { Metadata = Changed(("delta.enableRowTracking", "true")).Metadata },
            [Info(), Changed(("delta.enableRowTracking", "false"))], DeltaConflict.MetadataChanged),
        ["domain, same domain"] = (Ours(Reads(), Domain("d", "1")), [Info(), Domain("d", "2")], DeltaConflict.ConcurrentTransaction),
        ["domain, other domain"] = (Ours(Reads(), Domain("d", "1")), [Info(), Domain("e", "2")], null),
        ["application, same application"] = (
            Ours(Reads(), Application("etl", 4), Add("x")), [Info(), Application("etl", 4), Add("x")], DeltaConflict.ConcurrentTransaction),
        ["application read, same application"] =
            (Ours(ReadsOf("etl"), Add("x")), [Info(), Application("etl", 3)], DeltaConflict.ConcurrentTransaction),
        ["application, other application"] =
            (Ours(Reads(), Application("etl", 4), Add("x")), [Info(), Application("web", 9), Add("y")], null),
    };

    [Fact]
    public void Row_ids_of_the_loser_come_after_the_winners_and_its_files_get_the_next_version()
    {
        var ours = Ours(
            Reads(OfA),
            new() { Add = File("x") with { BaseRowId = 10, DefaultRowCommitVersion = 5 } },
            new() { Add = File("y") with { BaseRowId = 13, DefaultRowCommitVersion = 5 } },
            new() { Add = File("kept") with { BaseRowId = 2, DefaultRowCommitVersion = 1 } },
            Domain(RowTracking.Domain, """{"rowIdHighWaterMark":15}""")) with { RowIdMark = 9 };

        var once = ConflictChecker.Check(ours, 5, [Info(), Add("z", "b"), Domain(RowTracking.Domain, """{"rowIdHighWaterMark":29}""")]);
        var twice = ConflictChecker.Check(once, 6, [Info(), Add("z", "b"), Domain(RowTracking.Domain, """{"rowIdHighWaterMark":39}""")]);

        Assert.Equal(
            [("x", 40, 7), ("y", 43, 7), ("kept", 2, 1)],
            twice.Actions.Select(action => action.Add).OfType<AddFile>()
                .Select(add => (add.Path, add.BaseRowId!.Value, add.DefaultRowCommitVersion!.Value)));
        Assert.Equal(
            """{"rowIdHighWaterMark":45}""",
            twice.Actions.Single(action => action.DomainMetadata is not null).DomainMetadata!.Configuration);
        Assert.Equal(10, ours.Actions[1].Add!.BaseRowId);
    }

    [Fact]
    public void A_file_that_the_winner_gave_row_ids_keeps_them()
    {
        var ours = Ours(Reads(), Remove("x"), Add("x", vector: "mine"));

        var rebased = ConflictChecker.Check(
            ours, 5, [Info(), new() { Add = File("x", dataChange: false) with { BaseRowId = 100, DefaultRowCommitVersion = 5 } }]);

        Assert.Equal(100, rebased.Actions[^1].Add!.BaseRowId);
        Assert.Equal(5, rebased.Actions[^1].Add!.DefaultRowCommitVersion);
    }

    [Theory]
    [InlineData(1000, 2000, 2001)]
    [InlineData(3000, 2000, 3000)]
    public void In_commit_timestamps_grow(long ours, long winners, long expected)
    {
        var commit = Ours(Reads(), Add("x")) with { Actions = [Info(timestamp: ours), Add("x")] };

        var rebased = ConflictChecker.Check(commit, 5, [Info(timestamp: winners), Add("y")]);

        Assert.Equal(expected, (long?)rebased.Actions[0].CommitInfo!["inCommitTimestamp"]);
        Assert.Equal(ours, (long?)commit.Actions[0].CommitInfo!["inCommitTimestamp"]);
    }

    [Fact]
    public void Type_changes_of_the_preview_name_the_version_that_they_come_with()
    {
        static Metadata With(int version) => Table with
        {
            SchemaString = SchemaJson.Write(new([new("a", DeltaType.Long, true, new JsonObject
            {
                ["delta.typeChanges"] =
                    new JsonArray(new JsonObject { ["fromType"] = "short", ["toType"] = "long", ["tableVersion"] = version }),
            })])),
        };

        var rebased = ConflictChecker.Check(Ours(Reads(), new SingleAction { Metadata = With(5) }), 5, [Info(), Add("y")]);

        Assert.Equal(With(6), rebased.Actions[1].Metadata);
    }

    [Theory]
    [InlineData("Serializable", false, true, "Serializable")]
    [InlineData("WriteSerializable", false, true, "WriteSerializable")]
    [InlineData("Serializable", true, true, "SnapshotIsolation")]
    [InlineData("WriteSerializable", true, true, "WriteSerializable")]
    [InlineData("WriteSerializable", true, false, "SnapshotIsolation")]
    [InlineData("no such level", false, true, "Serializable")]
    public void The_level_is_the_tables_but_for_commits_that_only_move_rows(string property, bool moves, bool changesRows, string expected)
    {
        var properties = new TableProperties(new Dictionary<string, string> { ["delta.isolationLevel"] = property });

        var level = PreparedCommit.LevelOf(properties, [Info(), Remove("x", dataChange: false), Add("y", dataChange: !moves)], changesRows);

        Assert.Equal(expected, level.ToString());
    }
}
