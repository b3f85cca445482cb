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

    [Theory]
    [InlineData("{\"cells\": [], \"metadata\": {\"a\": 1.0}, \"nbformat\": 4, \"nbformat_minor\": 5}")]
    [InlineData("{\"cells\":[],\"metadata\":{\"a\":1.0},\"nbformat\":4,\"nbformat_minor\":5}\n")]
    [InlineData("{\n  \"cells\": [],\n  \"metadata\": {\n    \"a\": 1E-7,\n    \"é\": \"\u007f\"\n  },\n  \"nbformat\": 4\n}")]
    [InlineData("{\r\n\t\"cells\": [],\r\n\t\"metadata\": {\r\n\t\t\"a\": \"\\u00e9\\ud83c\\udf89\"\r\n\t},\r\n\t\"nbformat\": 4\r\n}\r\n")]
    public void A_change_keeps_the_layout_of_the_file(string text)
    {
        var notebook = NotebookDocument.Parse(text, "n");

        notebook.Metadata["b"] = 2;
        var changed = notebook.ToText();
        notebook = NotebookDocument.Parse(changed, "n");
        notebook.Metadata.Remove("b");

        Assert.NotEqual(text, changed);
        Assert.Equal(text, notebook.ToText());
    }

    [Fact]
    public void A_byte_order_mark_is_no_mistake() => Assert.Equal("\uFEFF" + Odd, NotebookDocument.Parse("\uFEFF" + Odd, "n").ToText());

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void Only_a_format_that_has_ids_gets_them(int minor, bool has)
    {
        var notebook = NotebookDocument.Parse($"{{\"cells\":[],\"metadata\":{{}},\"nbformat\":4,\"nbformat_minor\":{minor}}}", "n");

        Assert.Equal(has, notebook.Insert(0, "code", "1").Id is not null);
    }

    [Theory]
    [InlineData("""{}""", "csharp")]
    [InlineData("""{"kernelspec":{"language":"F#","name":".net-fsharp"}}""", "fsharp")]
    [InlineData("""{"kernelspec":{"name":"python3"},"language_info":{"name":"python"}}""", "python")]
    [InlineData("""{"kernelspec":{"language":"C#"},"polyglot_notebook":{"kernelInfo":{"defaultKernelName":"sql"}}}""", "sql")]
    [InlineData("""{"kernelInfo":{"defaultKernelName":"fsharp"},"language_info":{"name":"polyglot-notebook"}}""", "fsharp")]
    [InlineData("""{"kernelInfo":7,"kernelspec":"odd"}""", "csharp")]
    public void The_notebook_says_what_its_cells_are_written_in(string metadata, string language) =>
        Assert.Equal(language, NotebookDocument.Parse($"{{\"cells\":[],\"metadata\":{metadata},\"nbformat\":4}}", "n").DefaultLanguage);

    [Fact]
    public void A_change_touches_nothing_else()
    {
        var notebook = NotebookDocument.Parse(Odd, "n");

        notebook.Cells[0].Source = "2\n3";

        Assert.Equal(
            Odd.Replace("\"// \\\"é\\\" 🎉 </b>\\n\",\n    \"1\"", "\"2\\n\",\n    \"3\"", StringComparison.Ordinal), notebook.ToText());
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("[]", "no object")]
    [InlineData("{\"cells\": 1}", "without a list of cells")]
    [InlineData("not json", "line 1")]
    [InlineData("", "empty")]
    [InlineData("{\"cells\": [],\n\"a\": 1,\n\"a\": 2}", "'a'")]
    [InlineData("{\"cells\": [],\n\"metadata\": {\"x\": NaN}}", "line 2, column 19")]
    [InlineData("{\"cells\": [{\"cell_type\": \"code\", \"source\": [1]}]}", "'source' of cell 1")]
    [InlineData("{\"cells\": [{}]}", "cell 1 has no 'cell_type'")]
    [InlineData("{\"cells\": [{\"cell_type\": \"code\", \"outputs\": {}}]}", "'outputs' of cell 1")]
    [InlineData("{\"worksheets\": [], \"nbformat\": 3}", "before 2015")]
    [InlineData("{\"cells\": [], \"nbformat\": 5}", "format 5")]
    [InlineData("{\"cells\": [{\"cell_type\": \"code\", \"source\": \"\\ud83c\"}]}", "half of a surrogate pair")]
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

    [Theory]
    [InlineData("""{"polyglot_notebook":{"kernelName":"sql"}}""", "sql")]
    [InlineData("""{"dotnet_interactive":{"language":"fsharp"}}""", "fsharp")]
    [InlineData("{}", null)]
    public void The_language_is_read_from_both_kinds_of_metadata(string metadata, string? language) =>
        Assert.Equal(language, new NotebookCell(new() { ["metadata"] = JsonNode.Parse(metadata) }).Language);
}
