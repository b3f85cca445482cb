using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// The file <c>_last_checkpoint</c>, which says where readers need not look before (Delta protocol, "Last Checkpoint File").
/// </summary>
internal static class LastCheckpoint
{
    /// <summary>Writes the file, unless it names a newer checkpoint that is there.</summary>
    public static void Write(IDeltaStorage storage, CheckpointWriter.Written checkpoint, CancellationToken cancellationToken)
    {
        if (Version(storage, cancellationToken) is { } version && version > checkpoint.File.Version
            && storage.List(LogFiles.Folder, LogFiles.Prefix(version), cancellationToken).Select(LogFiles.Read)
                .Any(file => file is LogFile.Checkpoint && file.Version == version))
        {
            return;
        }

        var json = new JsonObject
        {
            ["version"] = checkpoint.File.Version, ["size"] = checkpoint.Actions, ["sizeInBytes"] = checkpoint.Size,
            ["numOfAddFiles"] = checkpoint.Adds,
        };
        if (checkpoint.File.Named)
        {
            var file = checkpoint.File.File;
            json["v2Checkpoint"] = new JsonObject
            {
                ["path"] = file.Name, ["sizeInBytes"] = file.Size, ["modificationTime"] = file.ModificationTime,
            };
        }

        json["checksum"] = Checksum(json);
        storage.Write(LogFiles.LastCheckpoint, Encoding.UTF8.GetBytes(json.ToJsonString()), cancellationToken);
    }

    /// <summary>The version that the file names; null where it is missing, torn, or its checksum does not fit.</summary>
    public static long? Version(IDeltaStorage storage, CancellationToken cancellationToken)
    {
        if (storage.TryRead(LogFiles.LastCheckpoint, cancellationToken) is not { } content)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(content) is JsonObject json && json["version"] is JsonValue value
                && value.TryGetValue<long>(out var version) && version >= 0
                && (json["checksum"] is not JsonValue checksum || (checksum.TryGetValue<string>(out var text) && text == Checksum(json)))
                ? version
                : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // Also a key that is there twice.
            return null;
        }
    }

    /// <summary>MD5 over the canonical form of all but the checksum itself.</summary>
    internal static string Checksum(JsonObject json)
    {
        var pairs = new List<string>();
        foreach (var (name, value) in json.Where(pair => pair.Key != "checksum"))
        {
            Canonical(pairs, Quote(name), value);
        }

        // As texts, also places in arrays: 10 comes before 2, as Spark has it.
        pairs.Sort(StringComparer.Ordinal);

        // The protocol asks for MD5; nothing is kept secret or safe by it.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(string.Join(',', pairs))));
    }

    private static void Canonical(List<string> pairs, string path, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject parts:
                foreach (var (name, part) in parts)
                {
                    Canonical(pairs, $"{path}+{Quote(name)}", part);
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Canonical(pairs, $"{path}+{i}", items[i]);
                }

                break;
            default:
                var text = value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.String
                    ? Quote(scalar.GetValue<string>())
                    : value?.ToJsonString() ?? "null";
                pairs.Add($"{path}={text}");
                break;
        }
    }

    // All but unreserved characters is escaped, as the canonical form wants it.
    private static string Quote(string text) => $"\"{Uri.EscapeDataString(text)}\"";
}
