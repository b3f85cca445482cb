namespace Kadali.Packages.Resolution;

/// <summary>What is unpacked on this machine: a folder for each id and in it one for each version, in lower case.</summary>
internal static class PackageFolders
{
    public static IEnumerable<string> Ids(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path))
            .Where(name => !name.StartsWith('.')) : [];

    /// <summary>The id as its package writes it.</summary>
    public static string Cased(string folder, string id, string version)
    {
        var file = Path.Combine(folder, id, version, id + ".nuspec");
        if (!File.Exists(file))
        {
            return id;
        }

        using var reader = System.Xml.XmlReader.Create(file);
        while (reader.Read())
        {
            if (reader is { NodeType: System.Xml.XmlNodeType.Element, LocalName: "id" })
            {
                return reader.ReadElementContentAsString();
            }
        }

        return id;
    }
}
