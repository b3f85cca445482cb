using System.Diagnostics;

namespace Kadali.Delta.Tests.Faults;

/// <summary>A writer that is killed in the middle of a file.</summary>
public sealed class KilledWriterTests : IDisposable
{
    private const string Job = "KADALI_KILLED_WRITER";
    private const int Length = 3_000_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_writer_that_is_killed_leaves_whole_files_and_hidden_ones_alone()
    {
        var random = new Random(Environment.TickCount);
        for (var round = 0; round < 6; round++)
        {
            var start = new ProcessStartInfo(
                Environment.ProcessPath!, ["-method", $"{typeof(KilledWriterTests).FullName}.{nameof(The_writer)}", "-explicit", "only",
                    "-noColor", "-noLogo"])
            {
                RedirectStandardOutput = true,
            };
            start.Environment[Job] = _folder.Path;
            var before = Whole().Count;
            using var writer = Process.Start(start)!;
            SpinWait.SpinUntil(() => Whole().Count > before || writer.HasExited, TimeSpan.FromSeconds(60));
            writer.WaitForExit(random.Next(1, 60));
            writer.Kill();
            writer.WaitForExit();
        }

        Assert.True(Whole().Count >= 6);
        Assert.All(Whole(), file => Assert.Equal(Length, file.Size));
        Assert.All(Files().Except(Whole()), file => Assert.EndsWith(".tmp", file.Name, StringComparison.Ordinal));
    }

    /// <summary>What the process does that is killed; by itself it is no test.</summary>
    [Fact(Explicit = true)]
    public void The_writer()
    {
        var storage = new LocalStorage(Environment.GetEnvironmentVariable(Job)!);
        var content = new byte[Length];
        for (var version = 0L; version < 10_000; version++)
        {
            storage.TryWriteNew(LogFiles.Commit(version), content, default);
        }
    }

    private List<StoredFile> Whole() => [.. Files().Where(file => LogFiles.Read(file) is not null)];

    private List<StoredFile> Files() => [.. new LocalStorage(_folder.Path).List(LogFiles.Folder, "", default)];
}
