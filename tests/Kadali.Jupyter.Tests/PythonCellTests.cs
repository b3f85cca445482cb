using System.Diagnostics;
using Kadali.Cells;
using Kadali.Kernel.Tests;

namespace Kadali.Jupyter.Tests;

public sealed class PythonCellTests(PythonNotebook notebook) : IClassFixture<PythonNotebook>, IAsyncLifetime
{
    private Notebook Cells => notebook.Cells;

    public ValueTask InitializeAsync()
    {
        PythonNotebook.RequirePython();
        return default;
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Python_runs_without_being_connected_and_keeps_its_state()
    {
        await Cells.EventsAsync("#!python\nx = 41");

        Assert.Equal("42", await Cells.ValueAsync("#!python\nx + 1"));
    }

    [Fact]
    public async Task Outputs_come_in_the_order_in_which_they_are_said()
    {
        var events = await Cells.EventsAsync(
            """
            #!python
            import sys
            from IPython.display import display, HTML
            print('first', flush=True)
            print('second', file=sys.stderr, flush=True)
            handle = display(HTML('<b>third</b>'), display_id='d1')
            handle.update(HTML('<b>fourth</b>'))
            5
            """);

        Assert.Collection(
            events,
            said => Assert.Equal(new CellEvent.Output(OutputStream.Out, "first\n"), said),
            said => Assert.Equal(new CellEvent.Output(OutputStream.Error, "second\n"), said),
            said => Assert.Equal(("<b>third</b>", "d1"),
                (Assert.IsType<CellEvent.Display>(said).Content.Data["text/html"].ToString(), ((CellEvent.Display)said).DisplayId)),
            said => Assert.Equal(("<b>fourth</b>", "d1"),
                (Assert.IsType<CellEvent.Update>(said).Content.Data["text/html"].ToString(), ((CellEvent.Update)said).DisplayId)),
            said => Assert.Equal("5", Assert.IsType<CellEvent.Result>(said).Content.PlainText));
    }

    [Fact]
    public async Task An_error_carries_its_name_its_message_and_its_traceback()
    {
        var failure = await Assert.ThrowsAsync<CellFailedException>(() => Cells.EventsAsync("#!python\ndef f():\n    return 1 / 0\nf()"));

        Assert.Equal(("ZeroDivisionError", "division by zero"), (failure.ErrorName, failure.Message));
        Assert.Contains(
            failure.Traceback, line => line.Contains("in ", StringComparison.Ordinal) && line.Contains('f', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_question_of_Python_is_asked_of_the_reader_and_a_password_stays_hidden()
    {
        Cells.Input.Asked.Clear();
        Cells.Input.Next.Enqueue("Ada");
        Cells.Input.Next.Enqueue("hunter2");

        var said = await Cells.ValueAsync(
            "#!python\nimport getpass\nname = input('Name? ')\nsecret = getpass.getpass('Secret? ')\n(name, len(secret))");

        Assert.Equal("('Ada', 7)", said);
        Assert.Equal([("Name? ", false), ("Secret? ", true)], Cells.Input.Asked);
    }

    [Theory]
    [InlineData("while True: pass")]
    [InlineData("import time; time.sleep(60)")]
    [InlineData("input('never answered')")]
    public async Task An_interrupt_ends_a_cell_within_a_second_and_the_state_stays(string code)
    {
        await Cells.EventsAsync("#!python\nkept = 7");
        using var interrupt = new CancellationTokenSource();
        var running = Task.Run(async () =>
        {
            var events = new List<CellEvent>();
            await foreach (var said in Cells.Runner.RunAsync(new($"#!python\nprint('begun', flush=True)\n{code}"), interrupt.Token))
            {
                // In the midst of the cell, at the first thing it says.
                if (!interrupt.IsCancellationRequested)
                {
                    interrupt.CancelAfter(TimeSpan.FromMilliseconds(100));
                }
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal("7", await Cells.ValueAsync("#!python\nkept"));
        Assert.Equal("3", await Cells.ValueAsync("1 + 2"));
    }

    [Fact]
    public async Task Completion_counts_in_code_points_and_gives_kinds()
    {
        await Cells.EventsAsync("#!python\nimport os");
        const string text = "#!python\n'😀'; os.path.joi";

        var found = await Cells.Editor.CompleteAsync(text, text.Length, TestContext.Current.CancellationToken);

        var item = Assert.Single(found.Items, item => item.Text.EndsWith("join", StringComparison.Ordinal));
        Assert.Equal("function", item.Kind);
        Assert.StartsWith(text[found.Start..found.End], item.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_tells_what_a_name_is()
    {
        await Cells.EventsAsync("#!python\nimport math");
        const string text = "#!python\nmath.sqrt";

        var help = await Cells.Editor.InspectAsync(text, text.Length, 0, TestContext.Current.CancellationToken);

        Assert.Contains("square root", help!.PlainText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_kernel_does_not_keep_the_editor_waiting()
    {
        await Cells.EventsAsync("#!python\n1");
        using var interrupt = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var running = Task.Run(async () =>
        {
            await foreach (var said in Cells.Runner.RunAsync(
                new("#!python\nprint('begun', flush=True)\nimport time; time.sleep(60)"), interrupt.Token))
            {
                begun.TrySetResult();
            }
        });
        await begun.Task;
        var clock = Stopwatch.StartNew();

        var found = await Cells.Editor.CompleteAsync("#!python\nprin", 13, TestContext.Current.CancellationToken);

        Assert.InRange(clock.ElapsedMilliseconds, 0, 3000);
        Assert.Empty(found.Items);
        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Text_without_end_is_passed_on_whole()
    {
        var events = await Cells.EventsAsync("#!python\nfor i in range(100000): print(i)");

        var text = string.Concat(events.OfType<CellEvent.Output>().Select(output => output.Text));
        Assert.Equal(100_000, text.AsSpan().Count('\n'));
        Assert.EndsWith("99999\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_IPython_would_show_in_a_pager_is_shown_in_the_cell()
    {
        Assert.Contains("Return the number of items", await Cells.TextAsync("#!python\nlen?"), StringComparison.Ordinal);
    }
}
