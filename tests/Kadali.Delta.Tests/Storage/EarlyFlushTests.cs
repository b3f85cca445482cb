namespace Kadali.Delta.Tests.Storage;

/// <summary>Files are made durable while they are written, and an error of the disk is an error of the writer.</summary>
public sealed class EarlyFlushTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_cannot_be_flushed_is_an_error_of_its_writer()
    {
        var folder = _folder["table"];
        using var flushing = EarlyFlush.Begin(folder, "part-*");
        Assert.NotNull(flushing);

        // It looks for the folder before that is there.
        await Task.WhenAny(flushing.Work, Task.Delay(300, TestContext.Current.CancellationToken));
        Assert.False(flushing.Work.IsCompleted);

        // Links in a circle can be opened by nobody; one of them is no business of this.
        Directory.CreateDirectory(folder);
        File.CreateSymbolicLink(Path.Combine(folder, "other"), "other");
        File.CreateSymbolicLink(Path.Combine(folder, "part-1"), "part-1");
        await Task.WhenAny(flushing.Work, Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

        var error = Assert.Throws<DeltaException>(flushing.Complete);

        Assert.Equal(DeltaErrorKind.Storage, error.Kind);
        Assert.Contains($"'{folder}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("part-1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_and_what_goes_away_again_is_no_error()
    {
        using var flushing = EarlyFlush.Begin(_folder.Path, "part-*")!;
        var until = DateTime.UtcNow.AddMilliseconds(500);
        for (var i = 0; DateTime.UtcNow < until; i++)
        {
            File.WriteAllText(_folder[$"part-{i % 50}"], new string('x', i));
            File.Delete(_folder[$"part-{(i + 25) % 50}"]);
        }

        flushing.Complete();

        Assert.True(flushing.Work.IsCompletedSuccessfully);
    }
}
