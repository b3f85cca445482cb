using System.Globalization;
using System.Text.RegularExpressions;

namespace Kadali.Benchmarks.Delta;

/// <summary>
/// What other engines took for the same tasks, as ratios to DuckDB, from the shared table of their medians; and ours of this run beside
/// it.
/// </summary>
internal sealed partial class Peers
{
    private const string Baseline = "duckdb";

    private readonly List<Peer> _peers = [];
    private readonly Dictionary<string, double> _ours = [];

    /// <summary>Engines that open a log for its schema and hand out no paths: less than what is asked, so a lower bound.</summary>
    private readonly HashSet<string> _schemaOnly = [];

    /// <summary>Reads the table; there are no peers where the file is not there.</summary>
    public Peers(string file)
    {
        if (!File.Exists(file))
        {
            return;
        }

        var text = File.ReadAllText(file);
        _schemaOnly.UnionWith(SchemaOnly().Match(text).Groups["engine"].Captures.Select(engine => engine.Value));
        var rows = text.Split('\n').Where(line => line.StartsWith('|')).Select(Cells).ToList();
        if (rows is not [var head, ..] || Array.IndexOf(head, "ratio median") is not (> 0 and var column))
        {
            throw new InvalidDataException($"{file} has no table with a column 'ratio median'.");
        }

        var ratios = rows.Where(row => row.Length > column && double.TryParse(row[column], CultureInfo.InvariantCulture, out _))
            .ToDictionary(row => (Task: row[0], Engine: row[1]), row => double.Parse(row[column], CultureInfo.InvariantCulture));
        foreach (var ((task, engine), ratio) in ratios.Where(row => EngineOf(row.Key.Engine) != Baseline))
        {
            // An engine that runs on another version of DuckDB stands beside that one, where it was measured.
            var at = engine.IndexOf('@', StringComparison.Ordinal);
            var own = at < 0 ? 1 : ratios.GetValueOrDefault((task, Baseline + engine[at..]), 1);
            _peers.Add(new(task, EngineOf(engine), ratio / own));
        }
    }

    /// <summary>The ratio that ours has to stay under, or null where no peer did the task.</summary>
    public double? Best(string task) => Whole(task).Select(peer => (double?)peer.Ratio).Min();

    /// <summary>Keeps what we took for a task.</summary>
    public void Add(string task, double ratio) => _ours[task] = ratio;

    /// <summary>Prints the tasks of this run, each beside the best of the peers.</summary>
    public void Print()
    {
        if (_ours.Count == 0)
        {
            return;
        }

        if (_peers.Count == 0)
        {
            Comparison.Say("\nThe peers' table is skipped: reference/peers.md is not beside the repository.");
            return;
        }

        Comparison.Say("\nThe same tasks by other engines, each as a ratio to DuckDB's time for the same work:\n");
        Row("task", "best peer", "its ratio", "ours", "", "with less work: the schema alone");
        foreach (var task in _peers.Select(peer => peer.Task).Distinct().Where(_ours.ContainsKey))
        {
            var ours = _ours[task];
            var best = Whole(task).MinBy(peer => peer.Ratio)!;
            var less = _peers.Where(peer => peer.Task == task).Except(Whole(task)).OrderBy(peer => peer.Ratio)
                .Select(peer => $"{peer.Engine} {Text(peer.Ratio)}");
            Row(task, best.Engine, Text(best.Ratio), Text(ours), ours < best.Ratio ? "ahead" : "BEHIND", string.Join(", ", less));
        }

        Comparison.Say("\nTheir open-log and open-cp hand the paths to Python, ours to C#.");
    }

    private IEnumerable<Peer> Whole(string task) => _peers.Where(
        peer => peer.Task == task && !(task.StartsWith("open-", StringComparison.Ordinal) && _schemaOnly.Contains(peer.Engine)));

    private static string[] Cells(string line) => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries);

    private static string EngineOf(string engine) => engine.Split('@')[0];

    private static string Text(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio:F2}x");

    private static void Row(string task, string peer, string best, string ours, string verdict, string less) =>
        Comparison.Say($"{task,-12}  {peer,-24}  {best,9}  {ours,7}  {verdict,-6}  {less}".TrimEnd());

    [GeneratedRegex(@"\((?<engine>\S+)(?: and (?<engine>\S+))* give the\s+schema only")]
    private static partial Regex SchemaOnly();

    private sealed record Peer(string Task, string Engine, double Ratio);
}
