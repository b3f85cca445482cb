using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Notebooks.Tests;

public sealed class NotebookTests
{
    private const string Odd = """
        {
         "cells": [
          {
           "cell_type": "code",
           "execution_count": null,
           "id": "a",
           "metadata": {
            "x": 1.50,
            "unknown": [
             1e3,
             {}
            ]
           },
           "outputs": [],
           "source": [
            "// \"é\" 🎉 </b>\n",
            "1"
           ]
          }
         ],
         "zebra": "kept",
         "metadata": {},
         "nbformat": 4,
         "nbformat_minor": 5
        }

        """;

    [Theory]
    [InlineData(Odd)]
    [InlineData("{\"cells\":[],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}")]
    public void An_unchanged_notebook_saves_as_it_was(string text) => Assert.Equal(text, NotebookDocument.Parse(text, "n").ToText());

    [Fact]
    public void A_change_touches_nothing_else()
    {
        var notebook = NotebookDocument.Parse(Odd, "n");

        notebook.Cells[0].Source = "2\n3";

        Assert.Equal(Odd.Replace("\"// \\\"é\\\" 🎉 </b>\\n\",\n    \"1\"", "\"2\\n\",\n    \"3\"", StringComparison.Ordinal), notebook.ToText());
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("[]", "no object")]
    [InlineData("{\"cells\": 1}", "without a list of cells")]
    [InlineData("not json", "line 1")]
    public void What_is_no_notebook_is_named(string text, string part)
    {
        var fault = Assert.Throws<CellFaultException>(() => NotebookDocument.Parse(text, "odd.ipynb")).Fault;

        Assert.Contains("odd.ipynb", fault.Message, StringComparison.Ordinal);
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.ipynb")]
    [InlineData("notes.txt")]
    public void A_file_that_cannot_be_read_is_named(string path) =>
        Assert.Contains(path, Assert.Throws<CellFaultException>(() => NotebookFile.Read(path)).Fault.Message, StringComparison.Ordinal);

    [Fact]
    public void A_dib_file_goes_to_a_notebook_and_back_without_loss()
    {
        const string dib = """
            #!meta

            {"kernelInfo":{"defaultKernelName":"csharp","items":[{"name":"csharp","languageName":"C#","aliases":["c#"]},{"name":"shop","aliases":["s"]}]}}

            #!csharp

            var x = 1;
            #!time
            x

            #!markdown

            # Title

            #!shop

            SELECT 1

            #!fsharp

            let a = 1

            """;

        var notebook = NotebookDocument.Parse(DibFormat.Parse(dib).ToText(), "n");

        Assert.Equal(dib, DibFormat.Write(notebook));
        Assert.Equal(["csharp", null, "shop", "fsharp"], notebook.Cells.Select(cell => cell.Language));
    }

    [Theory]
    [InlineData("""{"polyglot_notebook":{"kernelName":"sql"}}""", "sql")]
    [InlineData("""{"dotnet_interactive":{"language":"fsharp"}}""", "fsharp")]
    [InlineData("{}", null)]
    public void The_language_is_read_from_both_kinds_of_metadata(string metadata, string? language) =>
        Assert.Equal(language, new NotebookCell(new() { ["metadata"] = JsonNode.Parse(metadata) }).Language);

    [Fact]
    public void Outputs_are_written_as_nbformat_has_them()
    {
        var list = new JsonArray();
        var outputs = new NotebookOutputs(list);

        outputs.Add(new CellEvent.Output(OutputStream.Out, "a\nb"), 1);
        outputs.Add(new CellEvent.Output(OutputStream.Out, "c\n"), 1);
        outputs.Add(new CellEvent.Display(MimeBundle.Text("first"), "id"), 1);
        outputs.Add(new CellEvent.Update(MimeBundle.Text("second"), "id"), 1);
        outputs.Add(new CellEvent.Result(MimeBundle.Text("3")), 1);

        Assert.Equal(
            """
            [{"name":"stdout","output_type":"stream","text":["a\n","bc\n"]},
            {"data":{"text/plain":["second"]},"metadata":{},"output_type":"display_data"},
            {"data":{"text/plain":["3"]},"execution_count":1,"metadata":{},"output_type":"execute_result"}]
            """.ReplaceLineEndings(""),
            list.ToJsonString());
    }
}
