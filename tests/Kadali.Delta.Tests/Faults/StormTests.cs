using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;
using Kadali.Delta.Tests.Storage;

namespace Kadali.Delta.Tests.Faults;

/// <summary>
/// Many processes append to one table while others compact it, and any of them is killed at any time. Each row is written as a transaction
/// of its application, so that one that died repeats what it may have written. KADALI_STORM makes it as large as it is asked to be:
/// writers, appends of each, compacters, and kills, for instance <c>8,50,2,20</c>.
/// </summary>
public sealed class StormTests(S3Server server) : IDisposable
{
    private const string Job = "KADALI_STORM_JOB";

    private readonly TemporaryFolder _folder = new();

    private static int[] Size =>
        [.. (Environment.GetEnvironmentVariable("KADALI_STORM") ?? "3,10,1,5").Split(',')
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture))];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_in_a_storm_loses_no_row_and_has_none_twice() => Storm(_folder["table"], []);

    [Fact]
    public void A_bucket_in_a_storm_loses_no_row_and_has_none_twice() => Storm(server.NewTable("storm"), new()
    {
        ["AWS_ENDPOINT_URL"] = server.Settings.Endpoint!.ToString(), ["AWS_ACCESS_KEY_ID"] = server.Settings.Credentials.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = server.Settings.Credentials.SecretKey, ["KADALI_DELTA_CACHE"] = _folder["cache"],
    });

    /// <summary>What each process of the storm does; by itself it is no test.</summary>
    [Fact(Explicit = true)]
    public void One_of_the_storm()
    {
        var job = Environment.GetEnvironmentVariable(Job)!.Split('|');
        var (location, writer, appends) =
            (job[0], int.Parse(job[1], CultureInfo.InvariantCulture), int.Parse(job[2], CultureInfo.InvariantCulture));
        using var connection = new DuckDBConnection("DataSource=:memory:;threads=1");
        connection.Open();
        using var session = new DeltaSession(connection);
        var storage = TableStorage.Open(location);
        if (writer < 0)
        {
            Compact(session, storage, job[3]);
            return;
        }

        for (var number = 0; number < appends; number++)
        {
            var row = new WriteRequest($"SELECT {writer}::INTEGER AS w, {number}::INTEGER AS n", new WriteMode.Append())
            {
                Transaction = new($"writer{writer}", number),
            };
            new WriteInto(session, storage).Write(row, session.Log(storage).Update(default), default);
        }
    }

    private static void Compact(DeltaSession session, IDeltaStorage storage, string until)
    {
        while (!File.Exists(until))
        {
            try
            {
                new Optimizing(session, storage, session.Log(storage).Update(default)).Run(new(), default);
            }
            catch (DeltaConflictException)
            {
                // The other compacter was first.
            }
        }
    }

    private void Storm(string location, Dictionary<string, string> environment)
    {
        var (writers, appends, compacters, kills) = (Size[0], Size[1], Size[2], Size[3]);
        foreach (var (name, value) in environment)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var session = new DeltaSession(connection);
        var storage = TableStorage.Open(location);
        new WriteInto(session, storage)
            .Create(new(new([new("w", DeltaType.Integer), new("n", DeltaType.Integer)])), null, null, null, default);
        var jobs = Enumerable.Range(0, writers).Select(writer => $"{location}|{writer}|{appends}|")
            .Concat(Enumerable.Repeat($"{location}|-1|0|{_folder["stop"]}", compacters)).ToArray();
        var running = jobs.Select(job => Start(job, environment)).ToArray();
        var random = new Random(Environment.TickCount);
        for (var killed = 0; killed < kills && !running.Take(writers).All(process => process.HasExited);)
        {
            var victim = random.Next(running.Length);
            running[random.Next(running.Length)].WaitForExit(random.Next(100, 800));
            if (!running[victim].HasExited)
            {
                running[victim].Kill();
                running[victim].WaitForExit();
                running[victim] = Start(jobs[victim], environment);
                killed++;
            }
        }

        foreach (var process in running.Take(writers))
        {
            process.WaitForExit();
        }

        File.WriteAllText(_folder["stop"], "");
        foreach (var process in running)
        {
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, said);
        }

        Check(session, storage, writers, appends);
    }

    private static void Check(DeltaSession session, IDeltaStorage storage, int writers, int appends)
    {
        session.Forget(storage);
        var log = session.Log(storage);
        var snapshot = log.Update(default);
        for (var version = 0L; version <= snapshot.Version; version++)
        {
            Assert.NotNull(PreparedCommit.IdOf(log.ReadCommit(version, default)));
        }

        Assert.False(storage.Exists(LogFiles.Commit(snapshot.Version + 1)));
        Assert.Equal(writers, snapshot.Transactions.Count);
        using var scan = TableScan.Of(session, storage, snapshot, snapshot.Files, ScanColumns.None, default);
        Assert.Equal($"{writers * appends} {writers * appends} {writers} {appends - 1}", session.DuckDb.Scalar<string>(
            $"SELECT concat_ws(' ', count(*), count(DISTINCT (w, n)), count(DISTINCT w), max(n)) FROM ({scan.Sql})", default));
    }

    private static Process Start(string job, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["-method", $"{typeof(StormTests).FullName}.{nameof(One_of_the_storm)}", "-explicit", "only",
                "-noColor", "-noLogo"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[Job] = job;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
