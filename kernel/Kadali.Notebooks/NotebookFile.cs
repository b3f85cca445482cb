using System.Text;
using Kadali.Cells;

namespace Kadali.Notebooks;

/// <summary>Notebooks on disk: <c>.ipynb</c> and <c>.dib</c>, and files of code that can be imported.</summary>
public static class NotebookFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="CellFaultException">It is not there, or is no notebook.</exception>
    public static NotebookDocument Read(string path) => Extension(path) switch
    {
        ".ipynb" => NotebookDocument.Parse(Text(path), path),
        ".dib" => DibFormat.Parse(Text(path)),
        var other => throw NotebookDocument.Fault($"'{path}' is no notebook: its name ends in '{other}'.", "A notebook is an .ipynb or a .dib file."),
    };

    /// <summary>Writes a notebook, whole or not at all.</summary>
    public static void Write(NotebookDocument document, string path)
    {
        var text = Extension(path) switch
        {
            ".ipynb" => document.ToText(),
            ".dib" => DibFormat.Write(document),
            var other => throw NotebookDocument.Fault($"'{path}' cannot be written: its name ends in '{other}'.", "A notebook is an .ipynb or a .dib file."),
        };
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.tmp");
            File.WriteAllText(temporary, text, Utf8);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotebookDocument.Fault($"'{path}' cannot be written: {exception.Message}");
        }
    }

    /// <summary>The cells of a notebook or a file of code, for <c>#!import</c>.</summary>
    public static IReadOnlyList<Submission> Submissions(string path) => Extension(path) switch
    {
        ".cs" or ".csx" => [new(Text(path), "csharp")],
        ".sql" => [new(Text(path), "sql")],
        ".html" => [new(Text(path), "html")],
        ".js" => [new(Text(path), "javascript")],
        ".md" => [new(Text(path), "markdown")],
        _ => [.. Of(Read(path))],
    };

    private static IEnumerable<Submission> Of(NotebookDocument document) => document.Cells
        .Where(cell => cell.Type is "code" or "markdown" && cell.Source.Trim().Length > 0)
        .Select(cell => new Submission(cell.Source, cell.Type == "markdown" ? "markdown" : cell.Language ?? document.DefaultLanguage));

    private static string Extension(string path) => Path.GetExtension(path).ToLowerInvariant();

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path, Utf8);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotebookDocument.Fault($"There is no file '{path}'.", $"Paths are relative to '{Directory.GetCurrentDirectory()}'.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw NotebookDocument.Fault($"'{path}' cannot be read: {exception.Message}");
        }
    }
}
