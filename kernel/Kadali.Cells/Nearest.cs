namespace Kadali.Cells;

/// <summary>Finds what somebody who mistyped a name may have meant.</summary>
public static class Nearest
{
    /// <summary>The candidate that is closest to <paramref name="name"/>, or null where none is close.</summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        // A third of the letters may be wrong: "#!sqll" is near "#!sql", "#!foo" is near nothing.
        var limit = Math.Max(1, name.Length / 3);
        return candidates
            .Select(candidate => (Candidate: candidate, Distance: Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(pair => pair.Distance <= limit)
            .OrderBy(pair => pair.Distance)
            .Select(pair => pair.Candidate)
            .FirstOrDefault();
    }

    /// <summary>Edits from one word to the other: letters put in, left out, changed or swapped (optimal string alignment).</summary>
    private static int Distance(string from, string to)
    {
        var table = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            table[i, 0] = i;
        }

        for (var j = 0; j <= to.Length; j++)
        {
            table[0, j] = j;
        }

        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = table[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(changed, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
                }
            }
        }

        return table[from.Length, to.Length];
    }
}
