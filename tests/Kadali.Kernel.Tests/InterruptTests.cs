using System.Diagnostics;

namespace Kadali.Kernel.Tests;

public sealed class InterruptTests : IDisposable
{
    private readonly Notebook _notebook = new();

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("Console.WriteLine(\"started\"); while (true) { }")]
    [InlineData("Console.WriteLine(\"started\"); for (;;) ;")]
    [InlineData("void Spin() { again: goto again; } Spin();")]
    [InlineData("var ones = 1; while (ones == 1) { }")]
    [InlineData("Thread.Sleep(Timeout.Infinite);")]
    [InlineData("await Task.Delay(Timeout.Infinite);")]
    [InlineData("Console.ReadLine();")]
    [InlineData("lock (new object()) { new ManualResetEvent(false).WaitOne(); }")]
    [InlineData("while (true) { try { Thread.Sleep(5); } catch (Exception) { } }")]
    [InlineData("while (true) { Console.WriteLine(\"on and on\"); }")]
    [InlineData("await Task.Run(() => new SemaphoreSlim(0).Wait());")]
    [InlineData("var list = new List<int>(); while (true) { list.Add(1); if (list.Count > 1000) { list.Clear(); } }")]
    public async Task An_interrupt_ends_the_cell_and_leaves_the_session_usable(string code)
    {
        await _notebook.EventsAsync("var before = 1;");
        using var interrupt = new CancellationTokenSource();
        await _notebook.EventsAsync("var started = new TaskCompletionSource();");
        var running = _notebook.EventsAsync($"started.SetResult(); {code}", interrupt.Token);
        Assert.True(_notebook.CSharp.TryGet("started", out _, out var started));
        await ((TaskCompletionSource)started!).Task;
        var clock = Stopwatch.StartNew();

        await interrupt.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        GC.Collect();
        Assert.Equal("2", await _notebook.ValueAsync("before + 1"));
    }

    public void Dispose() => _notebook.Dispose();
}
