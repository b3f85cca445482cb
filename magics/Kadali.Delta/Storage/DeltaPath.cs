namespace Kadali.Delta;

/// <summary>Paths in the log are URIs (RFC 2396): percent-encoded, relative to the table or absolute. They are decoded once.</summary>
internal static class DeltaPath
{
    // Hadoop's Path leaves these as they are; whatever else is not a letter or digit is escaped.
    private const string Plain = "-_.!~*'()/=:@&+$,;";

    /// <summary>The path in the store of a path in the log.</summary>
    public static string Decode(string logPath)
    {
        if (logPath.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            // file:/x, file:///x
            var rest = logPath[5..];
            return Uri.UnescapeDataString(rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest);
        }

        return logPath.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(logPath) : logPath;
    }

    /// <summary>The path in the log of a path in the store.</summary>
    public static string Encode(string path)
    {
        if (path.All(IsPlain))
        {
            return path;
        }

        var encoded = new System.Text.StringBuilder();
        foreach (var rune in path.EnumerateRunes())
        {
            encoded.Append(rune.IsAscii && IsPlain((char)rune.Value) ? rune.ToString() : Uri.EscapeDataString(rune.ToString()));
        }

        return encoded.ToString();
    }

    /// <summary>
    /// The URI of an absolute path. Spark wants a scheme for deletion vectors, and compares paths as text: one slash, as Hadoop writes it.
    /// </summary>
    public static string EncodeAbsolute(string path) => path.StartsWith('/') ? "file:" + Encode(path) : Encode(path);

    /// <summary>Whether a path of the store stands for itself.</summary>
    public static bool IsAbsolute(string path) =>
        path.StartsWith('/') || path.Contains("://", StringComparison.Ordinal)
            || (path.Length > 2 && path[1] == ':' && path[2] is '/' or '\\');

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter, StringComparison.Ordinal);
}
