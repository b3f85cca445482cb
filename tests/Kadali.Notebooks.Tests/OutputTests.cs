using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Notebooks.Tests;

public sealed class OutputTests
{
    private readonly NotebookCell _cell = NotebookDocument.Create().Insert(0, "code", "1");
    private readonly NotebookOutputs _outputs = new();

    [Fact]
    public void Outputs_are_written_as_nbformat_has_them()
    {
        _outputs.Begin(_cell, 1);

        _outputs.Add(new CellEvent.Output(OutputStream.Out, "a\nb"));
        _outputs.Add(new CellEvent.Output(OutputStream.Out, "c\n"));
        _outputs.Add(new CellEvent.Display(MimeBundle.Of(MimeBundle.Png, "aWNvbg==", "first"), "id"));
        _outputs.Add(new CellEvent.Update(MimeBundle.Text("second"), "id"));
        _outputs.Add(new CellEvent.Result(MimeBundle.Of(MimeBundle.Json, new JsonObject { ["a"] = 1 }, "3\n4")));
        _outputs.Error("Oh", "no", ["Oh: no"]);

        Assert.Equal(
            """
            [{"name":"stdout","output_type":"stream","text":["a\n","bc\n"]},
            {"data":{"text/plain":["second"]},"metadata":{},"output_type":"display_data"},
            {"data":{"application/json":{"a":1},"text/plain":["3\n","4"]},"execution_count":1,"metadata":{},"output_type":"execute_result"},
            {"ename":"Oh","evalue":"no","output_type":"error","traceback":["Oh: no"]}]
            """.ReplaceLineEndings(""),
            _cell.Outputs.ToJsonString());
    }

    [Fact]
    public void An_image_is_one_text_and_a_picture_of_lines_is_lines()
    {
        _outputs.Begin(_cell, 1);

        _outputs.Add(new CellEvent.Display(new(
            new Dictionary<string, object> { [MimeBundle.Png] = "YQ==", [MimeBundle.Svg] = "<svg>\n</svg>" })));

        Assert.Equal("""{"image/png":"YQ==","image/svg\u002Bxml":["\u003Csvg\u003E\n","\u003C/svg\u003E"]}""",
            _cell.Outputs[0]!["data"]!.ToJsonString());
    }

    [Fact]
    public void What_an_earlier_cell_showed_is_replaced()
    {
        var later = NotebookDocument.Create().Insert(0, "code", "2");
        _outputs.Begin(_cell, 1);
        _outputs.Add(new CellEvent.Display(MimeBundle.Text("working"), "bar"));
        _outputs.Begin(later, 2);

        _outputs.Add(new CellEvent.Update(MimeBundle.Text("done"), "bar"));

        Assert.Equal("done", (string?)_cell.Outputs[0]!["data"]!["text/plain"]![0]);
        Assert.Empty(later.Outputs);
    }

    [Fact]
    public void Clearing_waits_for_the_next_output()
    {
        _outputs.Begin(_cell, 1);
        _outputs.Add(new CellEvent.Output(OutputStream.Out, "old"));
        _outputs.Add(new CellEvent.Clear(Wait: true));
        Assert.Single(_cell.Outputs);

        _outputs.Add(new CellEvent.Output(OutputStream.Out, "new"));
        _outputs.Flush();

        Assert.Equal("new", (string?)Assert.Single(_cell.Outputs)!["text"]![0]);
    }

    [Fact]
    public void A_cell_that_prints_without_end_keeps_a_bounded_text()
    {
        var line = new string('x', 1023) + "\n";
        _outputs.Begin(_cell, 1);

        for (var kib = 0; kib < 20 * 1024; kib++)
        {
            _outputs.Add(new CellEvent.Output(OutputStream.Out, line));
        }

        _outputs.Flush();
        var text = (JsonArray)_cell.Outputs[0]!["text"]!;
        Assert.InRange(text.Count, 16 * 1024, (16 * 1024) + 2);
        Assert.Contains("more than 16 MiB", (string?)text[^1], StringComparison.Ordinal);
    }
}
