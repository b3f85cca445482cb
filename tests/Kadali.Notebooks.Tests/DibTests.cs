using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Kadali.Notebooks.Tests;

public sealed class DibTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kadali-dib-").FullName;

    public static TheoryData<string> Files() =>
    [
        // As Polyglot Notebooks writes it.
        """
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

        """,

        // As people write it: no meta, aliases, no blank lines, nothing at the end.
        "var x = 1;\n#!c#\nx + 1\n#!sql  \n\n\n  SELECT 1  \n\n\n\n#!md\n*hi*",
        "\n\n#!csharp\n\n#!html\n\n<b>\n\n\n</b>\n\n#!js\n",
        "#!sql\n\nSELECT 1\n",
        "#!csharp\r\n\r\nvar x = 1;\r\nx\r\n\r\n#!md\r\n\r\nhi\r\n",
        "\uFEFF#!csharp\n\n1\n",
        "",
        "#!meta\n\n{\"kernelInfo\":{\"defaultKernelName\":\"fsharp\",\"items\":[]},\"mine\":{\"k\":\"é <\"}}\n\n"
            + "#!f#\nlet a = 1\n\n#!csharp\n\n2\n",
        "#!csharp\n\n1\n\n#!csharp\n\n1\n\n#!csharp\n\n1\n",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_dib_file_goes_through_an_ipynb_and_comes_back_as_it_was(string dib)
    {
        var source = Write("a.dib", dib);

        Convert(source, Path.Combine(_folder, "b.ipynb"));
        Convert(Path.Combine(_folder, "b.ipynb"), Path.Combine(_folder, "c.dib"));
        Convert(source, Path.Combine(_folder, "d.dib"));

        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(Path.Combine(_folder, "c.dib")));
        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(Path.Combine(_folder, "d.dib")));
    }

    [Fact]
    public void Cells_have_the_language_that_begins_them()
    {
        var notebook = NotebookFile.Parse("#!c#\n1\n#!sql\nSELECT 1\n#!time\n#!md\nhi\n#!raw\nx\n#!python\nprint(1)\n", "a.dib");

        Assert.Equal(
            [("code", "csharp", "1"), ("code", "sql", "SELECT 1\n#!time"), ("markdown", null, "hi"), ("raw", null, "x"),
                ("code", "python", "print(1)")],
            notebook.Cells.Select(cell => (cell.Type, cell.Language, cell.Source)));
    }

    [Fact]
    public void Languages_that_other_readers_do_not_know_are_listed()
    {
        var notebook = NotebookDocument.Create();
        notebook.Insert(0, "code", "SELECT 1").SetLanguage("sql");
        notebook.Insert(1, "code", "q").SetLanguage("shop");
        notebook.Insert(2, "code", "1\n#!delta\nSELECT 1");

        var path = Path.Combine(_folder, "a.dib");
        NotebookFile.Write(notebook, path);

        var meta = JsonNode.Parse(File.ReadAllLines(path)[2])!;
        Assert.Equal(["csharp", "sql", "shop", "delta"], meta["kernelInfo"]!["items"]!.AsArray().Select(item => (string?)item!["name"]));
    }

    [Fact]
    public void A_notebook_goes_through_a_dib_and_loses_nothing_but_outputs()
    {
        var notebook = NotebookDocument.Create();
        notebook.Metadata["kernelspec"]!["name"] = "other";
        notebook.Metadata["mine"] = 1.5;
        notebook.Insert(0, "markdown", "# Title\n\n![x](attachment:x.png)\n").Json["attachments"] =
            new JsonObject { ["x.png"] = new JsonObject() };
        notebook.Insert(1, "code", "var x = 1;").Metadata["tags"] = new JsonArray("parameters");
        notebook.Insert(2, "code", "#!sql\nSELECT 1\n#!csharp\n\n\nx\n\n");
        notebook.Insert(3, "code", "x").SetLanguage("csharp");
        notebook.Insert(4, "code", "x");
        notebook.Insert(5, "raw", "\n  raw é\n");
        notebook.Insert(6, "markdown", "How to:\n#!sql\nSELECT 1");
        notebook.Insert(7, "code", "SELECT 2").SetLanguage("shop");
        notebook.Insert(8, "code", "a\r\nb\r\n");
        Assert.Equal(9, notebook.Cells.Select(cell => cell.Id).Distinct().Count());

        var path = Path.Combine(_folder, "a.dib");
        NotebookFile.Write(notebook, path);
        var back = NotebookFile.Read(path);

        Assert.Equal(notebook.Cells.Select(cell => cell.Json.ToJsonString()), back.Cells.Select(cell => cell.Json.ToJsonString()));
        Assert.Equal(notebook.Metadata.ToJsonString(), back.Metadata.ToJsonString());
    }

    [Fact]
    public void The_notebooks_of_the_repository_lose_nothing_in_a_dib()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Root(), "notebooks"), "*.ipynb"))
        {
            var notebook = NotebookFile.Read(path);
            NotebookFile.Write(notebook, Path.Combine(_folder, "a.dib"));
            var back = NotebookFile.Read(Path.Combine(_folder, "a.dib"));

            Assert.Equal(notebook.Cells.Select(cell => (cell.Id, cell.Type, cell.Source)),
                back.Cells.Select(cell => (cell.Id, cell.Type, cell.Source)));
            Assert.True(JsonNode.DeepEquals(notebook.Metadata, back.Metadata));
        }
    }

    [Fact]
    public void A_cell_that_changes_drops_how_it_was_laid_out_and_others_keep_it()
    {
        var notebook = NotebookFile.Parse("#!c#\n1\n#!c#\n2\n", "a.dib");
        var path = Path.Combine(_folder, "a.dib");

        notebook.Cells[1].SetLanguage("sql");
        NotebookFile.Write(notebook, path);

        var back = NotebookFile.Read(path);
        Assert.Equal([("csharp", "1"), ("sql", "2")], back.Cells.Select(cell => (cell.Language, cell.Source)));
    }

    [Fact]
    public void A_meta_cell_without_json_is_named_with_its_line()
    {
        var fault =
            Assert.Throws<Cells.CellFaultException>(() => NotebookFile.Parse("#!meta\n\n{\n\"a\": no\n}\n\n#!csharp\n1\n", "a.dib")).Fault;

        Assert.Contains("'a.dib'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("line 4", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(path, "..", "..", ".."));

    private static void Convert(string from, string to) => NotebookFile.Write(NotebookFile.Read(from), to);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
