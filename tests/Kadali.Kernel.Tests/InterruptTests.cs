using System.Diagnostics;

namespace Kadali.Kernel.Tests;

public sealed class InterruptTests : IDisposable
{
    private readonly Notebook _notebook = new(typeof(Turn).Assembly.Location);

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("Console.WriteLine(\"started\"); while (true) { }")]
    [InlineData("Console.WriteLine(\"started\"); for (;;) ;")]
    [InlineData("void Spin() { again: goto again; } Spin();")]
    [InlineData("var ones = 1; while (ones == 1) { }")]
    [InlineData("while (true) { try { while (true) { } } catch (Exception) { } }")]
    [InlineData("Func<int, int> spin = n => { while (true) { n++; } }; spin(1);")]
    [InlineData("await Task.Run(() => { while (true) { } });")]
    [InlineData("Parallel.For(0, 100, i => { while (true) { } });")]
    [InlineData("class Busy { public void Go() { while (true) { } } } new Busy().Go();")]
    [InlineData("int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2); Fib(80);")]
    [InlineData("while (true) { new List<int>().Add(1); }")]
    [InlineData("try { while (true) { } } finally { Thread.Sleep(100); }")]
    [InlineData("using var timer = new Timer(_ => { while (true) { } }, null, 0, -1); Thread.Sleep(Timeout.Infinite);")]
    [InlineData("Thread.Sleep(Timeout.Infinite);")]
    [InlineData("await Task.Delay(Timeout.Infinite);")]
    [InlineData("Console.ReadLine();")]
    [InlineData("lock (new object()) { new ManualResetEvent(false).WaitOne(); }")]
    [InlineData("while (true) { try { Thread.Sleep(5); } catch (Exception) { } }")]
    [InlineData("while (true) { Console.WriteLine(\"on and on\"); }")]
    [InlineData("await Task.Run(() => new SemaphoreSlim(0).Wait());")]
    [InlineData("var list = new List<int>(); while (true) { list.Add(1); if (list.Count > 1000) { list.Clear(); } }")]
    [InlineData("Enumerable.Range(0, int.MaxValue).Sum(x => (long)x % 7);")]
    [InlineData("Enumerable.Range(0, int.MaxValue).Where(static x => x < 0).Count();")]
    [InlineData("Enumerable.Range(0, int.MaxValue).Select(x => x * 2d).Select(x => x + 1).Max();")]
    [InlineData("Enumerable.Range(0, int.MaxValue).Aggregate(0L, (a, x) => a + x);")]
    [InlineData("Parallel.For(0, int.MaxValue, i => Math.Sqrt(i));")]
    [InlineData("Enumerable.Range(0, int.MaxValue).AsParallel().Count(x => x < 0);")]
    [InlineData("(from x in Enumerable.Range(0, int.MaxValue) where x < 0 select x).Count();")]
    [InlineData("(from x in Enumerable.Range(0, int.MaxValue) select x * 2d).Max();")]
    [InlineData("(from x in Enumerable.Range(0, int.MaxValue) let y = x / 2 select y + 1).Max();")]
    [InlineData("void Act() { int Half(int x) => x / 2; Enumerable.Range(0, int.MaxValue).Max(Half); } Act();")]
    [InlineData("{ int Half(int x) => x / 2; Enumerable.Range(0, int.MaxValue).Max(Half); }")]
    [InlineData("int Half(int x) => x / 2; Enumerable.Range(0, int.MaxValue).Max(Half);")]
    [InlineData("class Sums { public long Go() => Enumerable.Range(0, int.MaxValue).Sum(x => (long)x % 7); } new Sums().Go();")]
    public async Task An_interrupt_ends_the_cell_and_leaves_the_session_usable(string code)
    {
        await _notebook.EventsAsync("var before = 1;");
        using var interrupt = new CancellationTokenSource();
        var running = await StartAsync(code, interrupt.Token);
        var clock = Stopwatch.StartNew();

        await interrupt.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        GC.Collect();
        Assert.Equal("2", await _notebook.ValueAsync("before + 1"));
    }

    [Fact]
    public async Task A_cell_can_be_interrupted_on_and_on()
    {
        for (var i = 0; i < 5; i++)
        {
            using var interrupt = new CancellationTokenSource();
            var running = await StartAsync("while (true) { }", interrupt.Token);

            await interrupt.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        GC.Collect();
    }

    [Fact]
    public async Task What_libraries_hold_for_an_interrupted_cell_is_let_go()
    {
        using var interrupt = new CancellationTokenSource();
        var running = await StartAsync("await Kadali.Kernel.Tests.Turn.TakeAsync();", interrupt.Token);
        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Turn.Gate.SetResult();

        await Turn.Released.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_an_interrupted_cell_awaited_does_not_go_on()
    {
        await _notebook.EventsAsync("var gate = new TaskCompletionSource(); var wentOn = false;");
        using var interrupt = new CancellationTokenSource();
        var running = await StartAsync("await gate.Task; wentOn = true;", interrupt.Token);
        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        await _notebook.EventsAsync("gate.SetResult(); await Task.Run(() => { });");

        Assert.Equal("false", await _notebook.ValueAsync("wentOn"));
    }

    public void Dispose() => _notebook.Dispose();

    /// <summary>Runs a cell, and comes back when its code runs; the cell's own end is what it gives.</summary>
    private async Task<Task> StartAsync(string code, CancellationToken interrupt)
    {
        await _notebook.EventsAsync("var started = new TaskCompletionSource();");
        Assert.True(_notebook.CSharp.TryGet("started", out _, out var started));
        var running = _notebook.EventsAsync($"started.SetResult(); {code}", interrupt);
        await ((TaskCompletionSource)started!).Task;
        return running;
    }
}

/// <summary>A library's asynchronous method that holds something.</summary>
public static class Turn
{
    public static TaskCompletionSource Gate { get; } = new();

    public static TaskCompletionSource Released { get; } = new();

    public static async Task TakeAsync()
    {
        try
        {
            await Gate.Task;
        }
        finally
        {
            Released.SetResult();
        }
    }
}
