using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// Which files of a clustered table are clustered anew, as Delta chooses them: what one OPTIMIZE wrote is a cube, and a cube that is large
/// enough is never looked at again.
/// </summary>
internal static class ZCubes
{
    /// <summary>From this size on a cube stays as it is: a hundred times the size of a file of Delta's own.</summary>
    public const long StableSize = 100L << 30;

    // A cube is begun anew when one has so much in it.
    private const long FullSize = StableSize / 2 * 3;
    private const string Id = "ZCUBE_ID";
    private const string By = "ZCUBE_ZORDER_BY";
    private const string Curve = "ZCUBE_ZORDER_CURVE";
    private const string Provider = "liquid";

    /// <summary>The files to be clustered, each list a cube of its own.</summary>
    /// <param name="columns">Those that the table is clustered by.</param>
    /// <param name="full">Whether all files are, whatever they were clustered by.</param>
    /// <param name="stable">The size from which on a cube stays.</param>
    /// <param name="isWorn">Whether a file has so many deleted rows that it is worth to be written anew.</param>
    public static List<List<AddFile>> Choose(
        IEnumerable<AddFile> files, IReadOnlyList<string> columns, bool full, long stable, Func<AddFile, bool> isWorn)
    {
        var mine = full ? [.. files] : files.Where(file => (file.ClusteringProvider ?? Provider) == Provider
            && (Tag(file, By) is not { } other || Same(other, columns) || Tag(file, Id) is null)).ToList();
        var cubes = mine.GroupBy(file => Tag(file, Id) ?? "").OrderBy(cube => cube.Key, StringComparer.Ordinal)
            .Where(cube => full || cube.Key.Length == 0 || cube.Sum(file => file.Size) < stable).ToList();

        // One cube alone is clustered already.
        if (!full && cubes is [{ Key.Length: > 0 } only] && !only.Any(isWorn))
        {
            return [];
        }

        var chosen = new List<List<AddFile>>();
        var size = 0L;
        foreach (var file in cubes.SelectMany(cube => cube))
        {
            if (chosen.Count == 0 || size > Math.Max(FullSize, stable))
            {
                chosen.Add([]);
                size = 0;
            }

            chosen[^1].Add(file);
            size += file.Size;
        }

        return chosen;
    }

    /// <summary>A file as one of a cube.</summary>
    public static AddFile Mark(AddFile file, string cube, IReadOnlyList<string> columns) => file with
    {
        ClusteringProvider = Provider,
        Tags = new Dictionary<string, string>(file.Tags ?? new Dictionary<string, string>())
        {
            [Id] = cube, [By] = Text(columns), [Curve] = columns.Count > 1 ? "hilbert" : "zorder",
        },
    };

    private static string? Tag(AddFile file, string name) => file.Tags?.GetValueOrDefault(name);

    private static string Text(IReadOnlyList<string> columns) =>
        new JsonArray([.. columns.Select(name => JsonValue.Create(name))]).ToJsonString();

    private static bool Same(string tag, IReadOnlyList<string> columns)
    {
        try
        {
            return JsonNode.Parse(tag) is JsonArray names && names.Select(name => (string?)name).SequenceEqual(columns);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>The Hilbert curve, along which what is near stays near: unlike the Z-order curve it never jumps.</summary>
internal static class Hilbert
{
    /// <summary>The place on the curve of a point.</summary>
    /// <param name="point">Its coordinates, of <paramref name="bits"/> bits each; they are changed.</param>
    /// <remarks>J. Skilling, "Programming the Hilbert curve", 2004.</remarks>
    public static long Place(Span<int> point, int bits)
    {
        for (var bit = 1 << (bits - 1); bit > 1; bit >>= 1)
        {
            var below = bit - 1;
            for (var i = 0; i < point.Length; i++)
            {
                if ((point[i] & bit) != 0)
                {
                    point[0] ^= below;
                }
                else
                {
                    var swapped = (point[0] ^ point[i]) & below;
                    point[0] ^= swapped;
                    point[i] ^= swapped;
                }
            }
        }

        for (var i = 1; i < point.Length; i++)
        {
            point[i] ^= point[i - 1];
        }

        var gray = 0;
        for (var bit = 1 << (bits - 1); bit > 1; bit >>= 1)
        {
            if ((point[^1] & bit) != 0)
            {
                gray ^= bit - 1;
            }
        }

        var place = 0L;
        for (var bit = bits - 1; bit >= 0; bit--)
        {
            foreach (var coordinate in point)
            {
                place = (place << 1) | (long)(((coordinate ^ gray) >> bit) & 1);
            }
        }

        return place;
    }
}
