using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Host.Commands;
using Kadali.Notebooks;

namespace Kadali.Host.Tests;

public sealed class ParameterTests
{
    [Theory]
    [InlineData("n=1", "var n = 1;")]
    [InlineData("n=-3", "var n = -3;")]
    [InlineData("n=3000000000", "var n = 3000000000L;")]
    [InlineData("n=123456789012345678901", "var n = System.Numerics.BigInteger.Parse(\"123456789012345678901\");")]
    [InlineData("n=1.50", "var n = 1.50;")]
    [InlineData("n=1e400", "var n = double.PositiveInfinity;")]
    [InlineData("n=true", "var n = true;")]
    [InlineData("n=False", "var n = false;")]
    [InlineData("n=None", "var n = (string?)null;")]
    [InlineData("n=", "var n = \"\";")]
    [InlineData("n=a=b \"c\"\\", "var n = \"a=b \\\"c\\\"\\\\\";")]
    [InlineData("n=\"quoted\"", "var n = \"quoted\";")]
    [InlineData("n=[1, 2.5]", "var n = new[] { 1, 2.5 };")]
    [InlineData("n=[1, \"a\", null]", "var n = new object?[] { 1, \"a\", null };")]
    [InlineData("n=[]", "var n = Array.Empty<object>();")]
    [InlineData("n={\"a\": 1}", "var n = System.Text.Json.Nodes.JsonNode.Parse(\"{\\\"a\\\":1}\")!;")]
    [InlineData("class=1", "var @class = 1;")]
    [InlineData("n=01", "var n = \"01\";")]
    public void A_value_is_typed_by_what_it_reads_as(string given, string line) => Assert.Equal(line, Line(given, ""));

    [Theory]
    [InlineData("n=2", "var n = 0.5;", "var n = 2.0;")]
    [InlineData("n=2", "double n = 0.5;", "double n = 2;")]
    [InlineData("n=2.5", "decimal n = 1;", "decimal n = 2.5m;")]
    [InlineData("n=2", "var n = 1L;", "var n = 2L;")]
    [InlineData("n=7", "var n = \"a\";", "var n = \"7\";")]
    [InlineData("n=1.50", "var n = $\"{1}\";", "var n = \"1.50\";")]
    [InlineData("n=null", "var n = \"a\";", "var n = (string?)null;")]
    [InlineData("n=null", "int? n = 1;", "int? n = null;")]
    [InlineData("n=2026-01-31", "var n = new DateOnly(2013, 1, 1);",
        "var n = DateOnly.Parse(\"2026-01-31\", System.Globalization.CultureInfo.InvariantCulture);")]
    [InlineData("n=01:30", "TimeSpan n = TimeSpan.FromHours(1);",
        "TimeSpan n = TimeSpan.Parse(\"01:30\", System.Globalization.CultureInfo.InvariantCulture);")]
    [InlineData("n=2", "var n = -1.5m;", "var n = 2m;")]
    public void A_value_has_the_type_of_its_default(string given, string defaults, string line) =>
        Assert.Equal(line, Line(given, defaults));

    [Fact]
    public void A_raw_value_is_text()
    {
        var notebook = NotebookDocument.Create();

        new Parameters([], ["n=1"]).Inject(notebook);

        Assert.Equal("// Parameters\nvar n = \"1\";", notebook.Cells[0].Source);
    }

    [Fact]
    public void The_last_of_two_values_counts() => Assert.Equal("var n = 2;", Line("n=1", "", "n=2"));

    [Theory]
    [InlineData("n")]
    [InlineData("=1")]
    [InlineData("1n=1")]
    [InlineData("a b=1")]
    [InlineData("n;System.Console.Beep()=1")]
    public void What_is_no_parameter_is_refused(string given) =>
        Assert.Contains(
            given, Assert.Throws<CellFaultException>(() => new Parameters([given], [])).Fault.Message, StringComparison.Ordinal);

    [Fact]
    public void Values_stand_behind_their_defaults_and_replace_those_of_the_last_run()
    {
        var notebook = NotebookDocument.Create();
        notebook.Insert(0, "markdown", "# Title");
        notebook.Insert(1, "code", "var n = 1;").Metadata["tags"] = new JsonArray("parameters");
        notebook.Insert(2, "code", "n");

        Assert.Empty(new Parameters(["n=2"], []).Inject(notebook));
        Assert.Empty(new Parameters(["n=3"], []).Inject(notebook));

        Assert.Equal(["# Title", "var n = 1;", "// Parameters\nvar n = 3;", "n"], notebook.Cells.Select(cell => cell.Source));
        Assert.Equal(["injected-parameters"], notebook.Cells[2].Tags);
    }

    [Fact]
    public void A_name_that_the_defaults_do_not_have_is_named()
    {
        var notebook = NotebookDocument.Create();
        notebook.Insert(0, "code", "var minutes = 1;\nvar origin = \"JFK\";").Metadata["tags"] = new JsonArray("parameters");

        var warning = Assert.Single(new Parameters(["minuts=2"], []).Inject(notebook));

        Assert.Equal("The cell tagged 'parameters' has no 'minuts'. Did you mean 'minutes'?", warning);
    }

    [Theory]
    [InlineData("minutes=soon", "'minutes' is a number in the notebook and gets the text 'soon'.")]
    [InlineData("minutes=2.5", null)]
    [InlineData("origin=soon", null)]
    public void A_text_for_a_number_is_said(string given, string? warning)
    {
        var notebook = NotebookDocument.Create();
        notebook.Insert(0, "code", "var minutes = -1;\nvar origin = \"JFK\";").Metadata["tags"] = new JsonArray("parameters");

        Assert.Equal(warning is null ? [] : [warning], new Parameters([given], []).Inject(notebook));
    }

    [Theory]
    [InlineData("#!python\nn = 1", null, "#!python\n# Parameters\nn = [True, None, \"é\\n\\\"\", 1.50]")]
    [InlineData("n = 1", "python", "# Parameters\nn = [True, None, \"é\\n\\\"\", 1.50]")]
    public void Defaults_in_Python_get_values_in_Python(string defaults, string? language, string source)
    {
        var notebook = NotebookDocument.Create();
        var cell = notebook.Insert(0, "code", defaults);
        if (language is not null)
        {
            cell.SetLanguage(language);
        }

        cell.Metadata["tags"] = new JsonArray("parameters");

        new Parameters(["n=[true, null, \"é\\n\\\"\", 1.50]"], []).Inject(notebook);

        Assert.Equal((source, language), (notebook.Cells[1].Source, notebook.Cells[1].Language));
    }

    private static string Line(string given, string defaults, params string[] more)
    {
        var notebook = NotebookDocument.Create();
        notebook.Insert(0, "code", defaults).Metadata["tags"] = new JsonArray("parameters");
        new Parameters([given, .. more], []).Inject(notebook);
        return notebook.Cells[1].Source.Split('\n', 2)[1];
    }
}
