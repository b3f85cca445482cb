using Kadali.Cells;

namespace Kadali.Kernel.Magics;

/// <summary>What may stand in the quotes of a <c>#r</c>: packages that are on this machine with their versions, and files.</summary>
internal sealed class ReferenceCompletion(Lazy<IPackages> packages)
{
    private const int Shown = 50;
    private const string NuGet = "nuget:";

    public CompletionList Complete(string line, int position)
    {
        var typed = line[..position];
        var quote = typed.IndexOf('"', StringComparison.Ordinal);
        if (quote < 0 || typed.IndexOf('"', quote + 1) >= 0)
        {
            return CompletionList.Empty(position);
        }

        var text = typed[(quote + 1)..];
        if (!text.StartsWith(NuGet, StringComparison.OrdinalIgnoreCase))
        {
            return Files(text, position);
        }

        var reference = text[NuGet.Length..];
        var comma = reference.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
        {
            var prefix = reference.TrimStart();
            return new(position - prefix.Length, position, [.. packages.Value.Known(prefix).Take(Shown)
                .Select(known => new CompletionItem(known.Id, "value", known.Versions.FirstOrDefault()))]);
        }

        var id = reference[..comma].Trim();
        var version = reference[(comma + 1)..].TrimStart();
        return new(position - version.Length, position, [.. packages.Value.Known(id)
            .Where(known => string.Equals(known.Id, id, StringComparison.OrdinalIgnoreCase)).SelectMany(known => known.Versions)
            .Where(known => known.StartsWith(version, StringComparison.OrdinalIgnoreCase))
            .Select(known => new CompletionItem(known, "value"))]);
    }

    private static CompletionList Files(string text, int position)
    {
        var name = text[(text.LastIndexOfAny(['/', '\\']) + 1)..];
        var folder = Path.GetFullPath(text.Length == name.Length ? "." : text[..^name.Length]);
        CompletionItem[] items = !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateDirectories(folder, name + "*").Select(path => new CompletionItem(Path.GetFileName(path) + "/", "path")),
            .. Directory.EnumerateFiles(folder, name + "*.dll").Select(path => new CompletionItem(Path.GetFileName(path), "path")),
        ];
        CompletionItem[] nuget = NuGet.StartsWith(text, StringComparison.OrdinalIgnoreCase) ? [new(NuGet, "value", "a package")] : [];
        return new(position - name.Length, position, [.. nuget, .. items.Where(item => !item.Text.StartsWith('.')).Take(Shown)]);
    }
}
