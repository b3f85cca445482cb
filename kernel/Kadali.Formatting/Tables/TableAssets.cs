namespace Kadali.Formatting;

/// <summary>
/// The one style and script block of a notebook. It goes with the first table of a session; the script then serves all tables of the page,
/// wherever they are. A table without it, on GitHub for instance, is a plain table; the JupyterLab extension brings the same two files
/// along.
/// </summary>
public static class TableAssets
{
    private static readonly Lock Lock = new();
    private static readonly Lazy<string> Block = new(
        () => $"<style class=\"kadali-style\">\n{Read("table.css")}</style><script>\n{Read("table.js")}</script>");
    private static string? _owner;
    private static string? _cell;
    private static bool _sent;

    /// <summary>A cell begins; running the one again that holds the block replaces its output, so the block goes with it again.</summary>
    /// <param name="cell">What tells cells apart: the front end's id, or the text.</param>
    public static void Begin(string cell)
    {
        lock (Lock)
        {
            _cell = cell;
            _sent &= _owner != cell;
        }
    }

    /// <summary>Sends the block again with the next table, as when the outputs were cleared.</summary>
    public static void Reset()
    {
        lock (Lock)
        {
            _sent = false;
        }
    }

    /// <summary>The block, or nothing where the session has sent it already.</summary>
    internal static string ForThisOutput()
    {
        lock (Lock)
        {
            if (_sent)
            {
                return "";
            }

            (_sent, _owner) = (true, _cell);
            return Block.Value;
        }
    }

    /// <summary>A file without its indentation and comments, which a saved notebook has no use for.</summary>
    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(TableAssets).Assembly.GetManifestResourceStream(name)!);
        var lines = reader.ReadToEnd().Split('\n').Select(line => line.Trim())
            .Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));
        return string.Concat(lines.Select(line => line + "\n"));
    }
}
