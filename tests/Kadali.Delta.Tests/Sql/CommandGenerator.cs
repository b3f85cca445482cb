namespace Kadali.Delta.Tests.Sql;

/// <summary>Random commands; the same for the same seed.</summary>
internal sealed class CommandGenerator(int seed)
{
    private static readonly string[] Names =
        ["id", "a b", "größe", "select", "x`y", "order", "from", "_1", "version", "WHEN", "a.b", "\"q\""];
    private static readonly string[] Texts =
        ["", "it's", @"back\slash", "line\nbreak", "\"quoted\"", "`tick`", "100 %", "x -- y", "/* */;"];
    private static readonly string[] Expressions =
    [
        "1", "a > 1 AND b < 2", "CASE WHEN x THEN 'WHERE' ELSE `when` END", "f(a, b, (SELECT max(x) FROM t WHERE y IN (1, 2)))",
        "x IS DISTINCT FROM y", "'a;b'", "s.when = 1", "a -- comment\n + 1", "x['k'][0]", "current_timestamp()", "\"x\"",
    ];

    private static readonly DeltaType[] Types =
    [
        DeltaType.String, DeltaType.Long, DeltaType.Integer, DeltaType.Short, DeltaType.Byte, DeltaType.Float, DeltaType.Double,
        DeltaType.Boolean, DeltaType.Binary, DeltaType.Date, DeltaType.Timestamp, DeltaType.TimestampNtz, DeltaType.Variant,
        new DeltaType.Decimal(38, 18),
    ];

    private readonly Random _random = new(seed);

    public DeltaCommand Next() => Statement() is DeltaCommand.RowCommand rows && _random.Next(3) == 0
        ? rows with { With = new("WITH q (a, b) AS (SELECT 1, ')'), r AS NOT MATERIALIZED (SELECT * FROM q)") } : Statement();

    private DeltaCommand Statement() => _random.Next(28) switch
    {
        0 or 1 => new DeltaCommand.CreateTable(Table())
        {
            Mode = (DeltaCommand.CreateMode)_random.Next(4), Columns = Some(Column, 3),
            Checks = Some(() => new CheckDefinition(Name(), Part()), 2),
            PartitionedBy = Some(Name, 2), ClusterBy = Maybe(() => Some(Path, 2, least: 1)), Location = Maybe(Text), Comment = Maybe(Text),
            Properties = Properties(0), Query = MaybePart("SELECT * FROM t WHERE a = 'x'"),
        },
        2 => new DeltaCommand.CreateTable(Table()) { Like = Table(), Comment = Maybe(Text) },
        3 => new DeltaCommand.CloneTable(Table(), Table(travels: true), Flag())
        {
            Mode = (DeltaCommand.CreateMode)_random.Next(4), Properties = Properties(0),
        },
        4 => new DeltaCommand.ConvertToDelta("/some/path", Some(Column, 2), Flag()),
        5 => new DeltaCommand.DropTable(Table(), Flag(), Flag()),
        6 => new DeltaCommand.CommentOn(Table(), Maybe(Text)),
        7 or 8 or 9 => new DeltaCommand.AlterTable(Table(), Changes()),
        10 => new DeltaCommand.CreateDatabase(Name(), Flag(), Maybe(Text), Maybe(Text)),
        11 => new DeltaCommand.DropDatabase(Name(), Flag(), Flag()),
        12 or 13 => new DeltaCommand.Insert(Table(), new("SELECT a, b FROM t")) with
        {
            Overwrite = Flag(), Columns = Maybe(() => Some(() => new ColumnPath([Name()]), 3, least: 1)),
            Partition = Some(() => new DeltaCommand.PartitionValue(Name(), MaybePart()), 2),
        },
        24 => new DeltaCommand.Insert(Table(), new("SELECT a, b FROM t")) with { ReplaceWhere = MaybePart(), ByName = Flag() },
        14 => new DeltaCommand.Update(Table(), Set()) { Alias = Maybe(Name), Where = MaybePart() },
        15 => new DeltaCommand.Delete(Table()) { Alias = Maybe(Name), Where = MaybePart() },
        16 or 17 => new DeltaCommand.Merge(
            Table(), new("(SELECT 1 AS id)"), Part(), [.. Some(Clause, 3, least: 1).OrderBy(one => one.Match)])
        {
            Alias = Maybe(Name), SourceAlias = Maybe(Name), SchemaEvolution = Flag(),
        },
        25 => new DeltaCommand.DescribeColumn(Table(), Path()),
        26 => new DeltaCommand.ShowPartitions(Table()) { Only = Some(() => new DeltaCommand.PartitionValue(Name(), Part()), 2) },
        27 => Flag() ? new DeltaCommand.DescribeDatabase(Name()) : new DeltaCommand.Refresh(Table()),
        18 => new DeltaCommand.Optimize(Table()) { Where = MaybePart(), ZOrderBy = Some(Path, 2), Full = Flag() },
        19 => new DeltaCommand.Vacuum(Table(), Flag() ? _random.Next(1000) / 2.0 : null, Flag(), Flag()),
        20 => new DeltaCommand.Restore(Table(), Travel()),
        21 => new DeltaCommand.Reorg(Table(), MaybePart()),
        22 => new DeltaCommand.DescribeHistory(Table(), Flag() ? _random.Next(9) : null),
        _ => new DeltaCommand.ShowTables(Maybe(Name), Maybe(Text)),
    };

    private TableChange[] Changes() => _random.Next(13) switch
    {
        0 => [.. Some(() => new TableChange.AddColumn(Path(), Column() with { Name = "set below" }, Maybe(Position)), 3, least: 1)
            .Select(add => add with { Definition = add.Definition with { Name = add.Column.Parts[^1] } })],
        1 => [new TableChange.DropColumns(Some(Path, 3, least: 1), Flag())],
        2 => [new TableChange.RenameColumn(Path(), Name())],
        3 => [new TableChange.ChangeType(Path(), Type(2)), new TableChange.ChangeComment(Path(), Text())],
        4 => [new TableChange.ChangeNullability(Path(), Flag())],
        5 => [new TableChange.ChangeDefault(Path(), MaybePart())],
        6 => [new TableChange.MoveColumn(Path(), Position())],
        7 => [new TableChange.AddCheck(new(Name(), Part()))],
        8 => [new TableChange.DropConstraint(Name(), Flag())],
        9 => [new TableChange.SetProperties(Properties(1))],
        10 => [new TableChange.UnsetProperties(Some(Text, 2, least: 1), Flag())],
        11 => [new TableChange.ClusterBy(Some(Path, 2))],
        _ => [new TableChange.RenameTo(Table())],
    };

    private DeltaCommand.MergeClause Clause()
    {
        var match = (DeltaCommand.MergeMatch)_random.Next(3);
        DeltaCommand.MergeAction action = match == DeltaCommand.MergeMatch.NotMatched
            ? Flag() ? new DeltaCommand.MergeAction.InsertAll() : new DeltaCommand.MergeAction.Insert(Set())
            : _random.Next(3) switch
            {
                0 => new DeltaCommand.MergeAction.Delete(),
                1 when match == DeltaCommand.MergeMatch.Matched => new DeltaCommand.MergeAction.UpdateAll(),
                _ => new DeltaCommand.MergeAction.Update(Set()),
            };
        return new(match, MaybePart(), action);
    }

    private IReadOnlyList<DeltaCommand.Assignment> Set() => Some(() => new DeltaCommand.Assignment(Path(), Part()), 3, least: 1);

    private ColumnDefinition Column() => new ColumnDefinition(Name(), Type(2)) with
    {
        Nullable = Flag(), Comment = Maybe(Text), Default = MaybePart("1 + 1"), Generated = MaybePart("year(a)"),
        Identity = Maybe(() => new IdentityDefinition(_random.Next(-5, 5), _random.Next(1, 5), Flag())),
    };

    private DeltaType Type(int depth) => (depth == 0 ? 9 : _random.Next(10)) switch
    {
        0 => new DeltaType.Array(Type(depth - 1), true),
        1 => new DeltaType.Map(Type(depth - 1), Type(depth - 1), true),
        2 => new DeltaType.Struct(Some(() => new StructField(Name(), Type(depth - 1), Flag()), 3)),
        _ => Types[_random.Next(Types.Length)],
    };

    private TableRef Table(bool travels = false) => Flag()
        ? TableRef.OfName([.. Some(Name, 3, least: 1)]) with { AsOf = travels ? Maybe(Travel) : null }
        : TableRef.OfPath("/data/some table`s") with { AsOf = travels ? Maybe(Travel) : null };

    private TimeTravel Travel() => Flag()
        ? new TimeTravel.Version(_random.Next(100)) : new TimeTravel.Timestamp(new("current_timestamp() - INTERVAL 1 DAY"));

    private Dictionary<string, string> Properties(int least) =>
        Enumerable.Range(0, _random.Next(least, 3)).ToDictionary(i => $"delta.key{i}", _ => Text());

    private ColumnPosition Position() => new(Maybe(Name));

    private ColumnPath Path() => new(Some(Name, 2, least: 1));

    private SqlPart Part() => new(Expressions[_random.Next(Expressions.Length)]);

    private SqlPart? MaybePart(string? text = null) => Flag() ? text is null ? Part() : new SqlPart(text) : null;

    private string Name() => Names[_random.Next(Names.Length)];

    private string Text() => Texts[_random.Next(Texts.Length)];

    private bool Flag() => _random.Next(2) == 0;

    private T? Maybe<T>(Func<T> make)
        where T : class => Flag() ? make() : null;

    private T[] Some<T>(Func<T> make, int most, int least = 0) =>
        [.. Enumerable.Range(0, _random.Next(least, most + 1)).Select(_ => make())];
}
