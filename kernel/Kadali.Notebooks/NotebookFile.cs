using System.Text;
using Kadali.Cells;

namespace Kadali.Notebooks;

/// <summary>Notebooks on disk: <c>.ipynb</c> and <c>.dib</c>, and files of code that can be imported.</summary>
public static class NotebookFile
{
    private const char Mark = '\uFEFF';
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="CellFaultException">It is not there, or is no notebook.</exception>
    public static NotebookDocument Read(string path) => Extension(path) switch
    {
        ".ipynb" => NotebookDocument.Parse(Text(path), path),
        ".dib" => DibReader.Read(Text(path), path),
        var other => throw Unknown(path, other, "is no notebook"),
    };

    /// <summary>Reads a notebook that came without a name, such as one on standard input: JSON is an <c>.ipynb</c>, all else a
    /// <c>.dib</c>.</summary>
    /// <exception cref="CellFaultException">It is no notebook.</exception>
    public static NotebookDocument Parse(string text, string name) =>
        text.AsSpan().TrimStart(Mark).TrimStart() is ['{', ..] ? NotebookDocument.Parse(text, name) : DibReader.Read(text, name);

    /// <summary>Writes a notebook, whole or not at all.</summary>
    /// <exception cref="CellFaultException">It cannot be written there.</exception>
    public static void Write(NotebookDocument document, string path)
    {
        var text = Extension(path) switch
        {
            ".ipynb" => document.ToText(),
            ".dib" => DibWriter.Write(document),
            var other => throw Unknown(path, other, "cannot be written"),
        };
        string? temporary = null;
        try
        {
            // A link stays a link: what it points to is replaced.
            var target = new FileInfo(Path.GetFullPath(path));
            var real = target.LinkTarget is null ? target.FullName : target.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            temporary = Path.Combine(Path.GetDirectoryName(real)!, $".{Path.GetFileName(real)}.{Environment.ProcessId}.tmp");
            File.WriteAllText(temporary, text, Utf8);
            File.Move(temporary, real, overwrite: true);
            temporary = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotebookDocument.Fault($"'{path}' cannot be written: {exception.Message}");
        }
        finally
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
    }

    /// <summary>The cells of a notebook or a file of code, for <c>#!import</c>.</summary>
    public static IReadOnlyList<Submission> Submissions(string path) => Extension(path) switch
    {
        ".cs" or ".csx" => [new(Text(path).TrimStart(Mark), "csharp")],
        ".sql" => [new(Text(path).TrimStart(Mark), "sql")],
        ".html" => [new(Text(path).TrimStart(Mark), "html")],
        ".js" => [new(Text(path).TrimStart(Mark), "javascript")],
        ".md" => [new(Text(path).TrimStart(Mark), "markdown")],
        _ => [.. Of(Read(path))],
    };

    private static IEnumerable<Submission> Of(NotebookDocument document) => document.Cells
        .Where(cell => cell.Type is "code" or "markdown" && cell.Source.Trim().Length > 0)
        .Select(cell => new Submission(cell.Source, cell.Type == "markdown" ? "markdown" : cell.Language ?? document.DefaultLanguage));

    private static string Extension(string path) => Path.GetExtension(path).ToLowerInvariant();

    private static CellFaultException Unknown(string path, string extension, string what) => NotebookDocument.Fault(
        $"'{path}' {what}: its name {(extension.Length == 0 ? "has no ending" : $"ends in '{extension}'")}.",
        "A notebook is an .ipynb or a .dib file.");

    // Not File.ReadAllText, which swallows a byte order mark: an unchanged notebook keeps it.
    private static string Text(string path)
    {
        try
        {
            return Utf8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotebookDocument.Fault($"There is no file '{path}'.", $"Paths are relative to '{Directory.GetCurrentDirectory()}'.");
        }
        catch (DecoderFallbackException exception)
        {
            throw NotebookDocument.Fault($"'{path}' cannot be read: it is no UTF-8 text (byte {exception.Index + 1}).");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotebookDocument.Fault($"'{path}' cannot be read: {exception.Message}");
        }
    }
}
