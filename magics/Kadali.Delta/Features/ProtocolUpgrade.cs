namespace Kadali.Delta;

/// <summary>The protocol that a table needs for what its metadata asks.</summary>
internal static class ProtocolUpgrade
{
    private const string FeaturePrefix = "delta.feature.";

    /// <summary>The least protocol that supports what the metadata asks and what the table has already.</summary>
    /// <param name="current">The table's, or null for a new one.</param>
    /// <exception cref="DeltaException">A feature is asked for that is not known here.</exception>
    public static Protocol For(Protocol? current, Metadata metadata, params IEnumerable<string> more)
    {
        var wanted = new HashSet<string>(Wanted(metadata), StringComparer.OrdinalIgnoreCase);
        wanted.UnionWith(more);
        foreach (var name in wanted.ToArray())
        {
            wanted.UnionWith(TableFeature.Find(name)?.Needs ?? []);
        }

        IReadOnlySet<string> before = current is null ? new HashSet<string>() : ProtocolChecker.Features(current);
        wanted.ExceptWith(before);
        if (wanted.Count == 0)
        {
            return current ?? new(1, 2);
        }

        // Names are kept as they are spelled by those who know them.
        var features = wanted.Select(name => TableFeature.Find(name)!).ToArray();
        if ((current is null || current.MinWriterVersion < 7) && features.All(feature => feature.Writer < 7))
        {
            // Version numbers say it, and older readers understand them; but a number brings all features below it along.
            var writer = Math.Max(current?.MinWriterVersion ?? 2, features.Max(feature => feature.Writer));
            var reader = Math.Max(current?.MinReaderVersion ?? 1, features.Max(feature => feature.IsReader ? feature.Reader : 1));
            return new(reader, writer);
        }

        var all = before.Select(name => TableFeature.Find(name)).OfType<TableFeature>().Concat(features).DistinctBy(feature => feature.Name)
            .OrderBy(feature => feature.Name, StringComparer.Ordinal).ToArray();
        var isReader3 = current?.MinReaderVersion == 3 || all.Any(feature => feature.IsReader && feature.Reader == 3);
        var readers = all.Where(feature => feature.IsReader).Select(feature => feature.Name).ToArray();
        return new(
            isReader3
                ? 3
                : Math.Max(
                    current?.MinReaderVersion ?? 1,
                    all.Where(feature => feature.IsReader).Select(feature => feature.Reader).DefaultIfEmpty(1).Max()),
            7, isReader3 ? readers : null, [.. all.Select(feature => feature.Name)]);
    }

    /// <summary>The least protocol that has just these features: by version numbers where these imply no others.</summary>
    public static Protocol Least(IEnumerable<string> names)
    {
        var features = names
            .Select(name => TableFeature.Find(name) ?? throw new DeltaException(
                DeltaErrorKind.Unsupported, $"The table feature '{name}' is not known here."))
            .OrderBy(feature => feature.Name, StringComparer.Ordinal).ToArray();
        if (features.Length == 0)
        {
            return new(1, 1);
        }

        var writer = features.Max(feature => feature.Writer);
        var implied = TableFeature.All.Where(feature => feature.Writer <= writer).Select(feature => feature.Name);
        if (writer < 7 && implied.ToHashSet(StringComparer.Ordinal).SetEquals(features.Select(feature => feature.Name)))
        {
            return new(writer < 5 ? 1 : 2, writer);
        }

        var readers = features.Where(feature => feature.IsReader).ToArray();
        var reader = readers.Length == 0 ? 1 : readers.Max(feature => feature.Reader);
        return new(
            reader, 7, reader == 3 ? [.. readers.Select(feature => feature.Name)] : null, [.. features.Select(feature => feature.Name)]);
    }

    private static IEnumerable<string> Wanted(Metadata metadata)
    {
        var properties = new TableProperties(metadata.Configuration);
        foreach (var feature in TableFeature.All.Where(feature => feature.Property is { } property && properties.Flag(property)))
        {
            yield return feature.Name;
        }

        foreach (var (key, value) in metadata.Configuration)
        {
            if (key.StartsWith(FeaturePrefix, StringComparison.OrdinalIgnoreCase) && value is "supported" or "enabled")
            {
                yield return (TableFeature.Find(key[FeaturePrefix.Length..]) ?? throw new DeltaException(
                    DeltaErrorKind.Unsupported, $"'{key}' asks for a table feature that is not known here.")).Name;
            }
        }

        if (properties.Text("delta.columnMapping.mode") is { } mode && !string.Equals(mode, "none", StringComparison.OrdinalIgnoreCase))
        {
            yield return TableFeature.ColumnMapping;
        }

        if (properties.V2Checkpoints)
        {
            yield return TableFeature.V2Checkpoint;
        }

        if (metadata.Configuration.Keys.Any(key => key.StartsWith("delta.constraints.", StringComparison.OrdinalIgnoreCase)))
        {
            yield return TableFeature.CheckConstraints;
        }

        foreach (var feature in SchemaJson.Read(metadata.SchemaString).Fields.SelectMany(OfField).Distinct())
        {
            yield return feature;
        }
    }

    private static IEnumerable<string> OfField(StructField field)
    {
        if (field.Metadata.ContainsKey("delta.generationExpression"))
        {
            yield return TableFeature.GeneratedColumns;
        }

        if (field.Metadata.ContainsKey("delta.identity.start"))
        {
            yield return TableFeature.IdentityColumns;
        }

        if (field.Metadata.ContainsKey("CURRENT_DEFAULT"))
        {
            yield return TableFeature.ColumnDefaults;
        }

        if (field.Metadata.ContainsKey("delta.invariants") || !field.Nullable)
        {
            yield return TableFeature.Invariants;
        }

        foreach (var feature in OfType(field.Type))
        {
            yield return feature;
        }
    }

    private static IEnumerable<string> OfType(DeltaType type) => type switch
    {
        DeltaType.Primitive { Name: "timestamp_ntz" } => [TableFeature.TimestampNtz],
        DeltaType.Primitive { Name: "variant" } => [TableFeature.VariantType],
        DeltaType.Array array => OfType(array.Element),
        DeltaType.Map map => OfType(map.Key).Concat(OfType(map.Value)),
        DeltaType.Struct record => record.Fields.SelectMany(OfField),
        _ => [],
    };
}
