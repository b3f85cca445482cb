namespace Kadali.Delta;

/// <summary>Whether a table may be read and written here.</summary>
internal static class ProtocolChecker
{
    private const int NewestReader = 3;
    private const int NewestWriter = 7;

    /// <summary>The features that writers of the table must know, also those that its version numbers imply.</summary>
    public static IReadOnlySet<string> Features(Protocol protocol) => new HashSet<string>(
        [
            .. protocol.WriterFeatures ?? [],
            .. protocol.ReaderFeatures ?? [],
            .. protocol.MinWriterVersion < NewestWriter
                ? TableFeature.All.Where(feature => feature.Writer <= protocol.MinWriterVersion).Select(feature => feature.Name)
                : [],
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <exception cref="DeltaException">Rows of the table would be read wrongly here.</exception>
    public static void CheckRead(string table, Protocol protocol)
    {
        if (protocol.MinReaderVersion is < 1 or > NewestReader)
        {
            throw Refused(
                table, "read", $"asks for reader version {protocol.MinReaderVersion}{Named(protocol.ReaderFeatures)}, "
                    + $"and {NewestReader} is the newest known here");
        }

        if (protocol.MinReaderVersion == NewestReader)
        {
            Check(table, "read", protocol.ReaderFeatures, feature => feature.CanRead);
        }
    }

    /// <exception cref="DeltaException">The table would be damaged by writes from here.</exception>
    public static void CheckWrite(string table, Protocol protocol)
    {
        CheckRead(table, protocol);
        if (protocol.MinWriterVersion is < 1 or > NewestWriter)
        {
            throw Refused(
                table, "written", $"asks for writer version {protocol.MinWriterVersion}, and {NewestWriter} is the newest known here");
        }

        if (protocol.MinWriterVersion == NewestWriter)
        {
            Check(table, "written", protocol.WriterFeatures, feature => feature.CanWrite);
        }
    }

    private static void Check(string table, string what, IReadOnlyList<string>? features, Func<TableFeature, bool> can)
    {
        var unknown = (features ?? []).Where(name => TableFeature.Find(name) is not { } feature || !can(feature)).ToArray();
        if (unknown.Length > 0)
        {
            throw Refused(
                table, what,
                $"uses the feature{(unknown.Length == 1 ? "" : "s")} {string.Join(", ", unknown.Select(name => $"'{name}'"))}, "
                    + "which Kadali does not support");
        }
    }

    private static string Named(IReadOnlyList<string>? features) =>
        features is { Count: > 0 } ? $" (features {string.Join(", ", features.Select(name => $"'{name}'"))})" : "";

    private static DeltaException Refused(string table, string what, string why) => new(
        DeltaErrorKind.Unsupported, $"The table at '{table}' cannot be {what} here: it {why}.",
        "Its detail and history can still be shown.");
}
