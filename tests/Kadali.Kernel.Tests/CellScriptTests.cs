using System.Runtime.CompilerServices;
using System.Text;
using Kadali.Cells;

namespace Kadali.Kernel.Tests;

/// <summary>
/// Cells as people write them, from <c>Cells/*.cells</c>: a line <c># What is shown</c> begins a notebook, <c>---</c> its next cell; below
/// a cell <c>=&gt;</c> says its value (empty for none), <c>&gt;&gt;</c> what it prints, <c>!!</c> the error that ends it.
/// </summary>
public sealed class CellScriptTests
{
    public static IEnumerable<TheoryDataRow<string, string>> All() =>
        from file in Directory.EnumerateFiles(Folder(), "*.cells").Order(StringComparer.Ordinal)
        from title in CellScript.Read(file).Select(script => script.Title)
        select new TheoryDataRow<string, string>(Path.GetFileNameWithoutExtension(file), title);

    [Theory]
    [MemberData(nameof(All), DisableDiscoveryEnumeration = true)]
    public async Task Cells_do_what_the_script_says(string file, string title)
    {
        var script = CellScript.Read(Path.Combine(Folder(), file + ".cells")).Single(script => script.Title == title);
        using var notebook = new Notebook();

        foreach (var cell in script.Cells)
        {
            var (value, printed, error) = await RunAsync(notebook, cell.Code);

            Assert.True(error is null || cell.Error is not null, $"{cell.Code}\nended with {error}");
            if (cell.Error is not null)
            {
                Assert.StartsWith(cell.Error, error, StringComparison.Ordinal);
            }

            if (cell.Value is not null)
            {
                Assert.Equal(cell.Value, value ?? "");
            }

            if (cell.Printed is not null)
            {
                Assert.Equal(cell.Printed, printed);
            }
        }
    }

    private static async Task<(string? Value, string Printed, string? Error)> RunAsync(Notebook notebook, string code)
    {
        string? value = null;
        var printed = new StringBuilder();
        try
        {
            foreach (var said in await notebook.EventsAsync(code))
            {
                value = said is CellEvent.Result result ? result.Content.PlainText : value;
                printed.Append(said is CellEvent.Output output ? output.Text
                    : said is CellEvent.Display display ? display.Content.PlainText
                    : "");
            }

            return (value, printed.ToString(), null);
        }
        catch (CellFaultException exception)
        {
            return (value, printed.ToString(), $"{exception.Fault.Code} {exception.Fault.Message} {exception.Fault.Hint}");
        }
        catch (CellFailedException exception)
        {
            return (value, printed.ToString(), $"{exception.ErrorName} {exception.Message}");
        }
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Cells");
}

/// <summary>One notebook of a script.</summary>
internal sealed record CellScript(string Title, IReadOnlyList<ScriptedCell> Cells)
{
    public static IReadOnlyList<CellScript> Read(string path)
    {
        var scripts = new List<CellScript>();
        string? title = null;
        var cells = new List<ScriptedCell>();
        var code = new List<string>();
        string? value = null, printed = null, error = null;
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                EndScript();
                title = line[2..];
            }
            else if (line == "---")
            {
                EndCell();
            }
            else if (line == "=>" || line.StartsWith("=> ", StringComparison.Ordinal))
            {
                value = line.Length > 3 ? line[3..] : "";
            }
            else if (line.StartsWith(">> ", StringComparison.Ordinal))
            {
                printed = line[3..];
            }
            else if (line.StartsWith("!! ", StringComparison.Ordinal))
            {
                error = line[3..];
            }
            else
            {
                code.Add(line);
            }
        }

        EndScript();
        return scripts;

        void EndCell()
        {
            var text = string.Join('\n', code).Trim('\n');
            if (text.Length > 0)
            {
                cells.Add(new(text, value, printed, error));
            }

            code.Clear();
            (value, printed, error) = (null, null, null);
        }

        void EndScript()
        {
            EndCell();
            if (title is not null)
            {
                scripts.Add(new(title, [.. cells]));
            }

            cells.Clear();
        }
    }
}

/// <summary>A cell and what is expected of it; null where nothing is.</summary>
internal sealed record ScriptedCell(string Code, string? Value, string? Printed, string? Error);
