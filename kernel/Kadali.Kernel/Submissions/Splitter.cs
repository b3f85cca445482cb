using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>
/// Cuts a submission into parts: a line whose first column is <c>#!</c> names a magic; <c>#r</c>, <c>#i</c> and <c>#load</c> at the first
/// column of C# are commands too. In a C# string or comment they are text. (.NET Interactive takes them for commands there as well, and
/// the string that is then cut in two never compiles.) Everything is checked before anything runs, so that a misspelled line costs nothing.
/// </summary>
internal sealed class Splitter(IMagicRegistry magics, string defaultLanguage)
{
    public IReadOnlyList<Part> Split(Submission submission)
    {
        var language = Find(submission.Language ?? defaultLanguage)
            ?? throw new CellFaultException(Foreign.Fault(submission.Language ?? "")
                ?? new("KDL102", $"There is no language '{submission.Language}'.", Suggest(submission.Language ?? "")));
        var parts = new List<Part>();
        var lines = submission.Code.Split('\n');
        var body = new List<string>();
        var start = TextPosition.Zero;
        RawArguments? arguments = null;
        TextLine? line = null;
        var awaitsText = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var text = lines[i].TrimEnd('\r');
            if (text.StartsWith('#') && language.Syntax.Name == "csharp" && CSharpText.IsInside(body, lines[i..]))
            {
                body.Add(lines[i]);
                continue;
            }

            RefuseBlank(text, i, language);
            if (DirectiveAt(text, language) is not { } name)
            {
                body.Add(lines[i]);
                continue;
            }

            if (Find(name) is not { } magic)
            {
                var place = new FaultPlace(new(i, 0), text, name.Length + 2);
                throw new CellFaultException(
                    Foreign.Fault(name) is { } foreign
                        ? foreign with { Place = place }
                        : new("KDL101", $"There is no magic '#!{name}'.", Suggest(name), place));
            }

            text = WithoutComment(text);
            var from = text.StartsWith("#!", StringComparison.Ordinal) ? name.Length + 2 : name.Length + 1;
            var bodyStart = ArgumentReader.BodyStart(magic.Syntax, text, i, from);
            var given = ArgumentReader.Read(magic.Syntax, text, i, from, bodyStart ?? text.Length);
            if (magic.Syntax.Body is null || given.Help)
            {
                // Commands between a language's line and its text come first: '#!python', '#!share rows --from csharp', then Python.
                var follows = line is not null && body.TrueForAll(string.IsNullOrWhiteSpace);
                if (follows)
                {
                    body.Clear();
                    awaitsText = true;
                }
                else
                {
                    Flush(i);
                }

                parts.Add(new(magic, given, "", new(i + 1, 0), new(i, text), language.Syntax.Name));
                start = new(i + 1, 0);
            }
            else
            {
                Flush(i);
                language = magic;
                awaitsText = false;
                arguments = given;
                line = new(i, text);
                start = bodyStart is { } column ? new(i, column) : new(i + 1, 0);
                body.AddRange(bodyStart is { } own ? [lines[i][own..]] : []);
            }
        }

        Flush(lines.Length);
        return PackagesFirst([.. parts.Select(part => part with { Source = submission.Source })]);

        void Flush(int next)
        {
            var text = string.Join('\n', body);
            body.Clear();

            // A language's own line always makes a part (an empty #!sql cell is a mistake worth telling); text between commands only when
            // there is some.
            if ((line is not null && !awaitsText) || text.AsSpan().Trim().Length > 0)
            {
                parts.Add(new(language, arguments ?? RawArguments.None, text, start, line, language.Syntax.Name));
            }

            line = null;
            arguments = null;
            awaitsText = false;
        }
    }

    // The compiler takes such a line for that of a script's interpreter and says nothing.
    private static void RefuseBlank(string text, int row, IMagic language)
    {
        if (language.Syntax.Name == "csharp" && text.StartsWith("#!", StringComparison.Ordinal)
            && (text.Length == 2 || char.IsWhiteSpace(text[2])))
        {
            throw new CellFaultException(new(
                "KDL101", "After '#!' stands the name of a magic, without a blank.", "'#!lsmagic' lists all magics.",
                new(new(row, 0), text, text.Length)));
        }
    }

    // Packages come before all else, since what stands above their line may be compiled with it; together, so that their versions fit each
    // other.
    private static IReadOnlyList<Part> PackagesFirst(List<Part> parts)
    {
        var packages = parts.Where(part => IsOfPackages(part, "r")).ToArray();
        var sources = parts.Where(part => IsOfPackages(part, "i")).ToArray();
        return packages.Length + sources.Length == 0 ? parts :
        [
            .. sources,
            .. packages is [var first, ..]
                ? (Part[])[first with { Arguments = new(null, [.. packages.SelectMany(part => part.Arguments.Given)]),
                    Lines = [.. packages.Select(part => part.Line!.Value)] }]
                : [],
            .. parts.Except(packages).Except(sources),
        ];
    }

    private static bool IsOfPackages(Part part, string directive) =>
        part.Magic.Syntax is { Sigil: "#" } syntax && syntax.Name == directive
        && part.Arguments.Given is [(_, { IsExpression: false } word)]
        && word.Text.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase);

    // #r "x.dll" // as the compiler takes it
    private static string WithoutComment(string line) =>
        !line.StartsWith("#!", StringComparison.Ordinal) && line.LastIndexOf('"') is > 0 and var end && line.AsSpan(end + 1).TrimStart()
            .StartsWith("//")
            ? line[..(end + 1)]
            : line;

    private static string? DirectiveAt(string line, IMagic language)
    {
        if (line.StartsWith("#!", StringComparison.Ordinal) && line.Length > 2 && !char.IsWhiteSpace(line[2]) && line[2] != '/')
        {
            var end = 2;
            while (end < line.Length && !char.IsWhiteSpace(line[end]))
            {
                end++;
            }

            return line[2..end];
        }

        if (language.Syntax.Name == "csharp")
        {
            foreach (var (word, name) in ((string, string)[])[("#r ", "r"), ("#i ", "i"), ("#load ", "load")])
            {
                if (line.StartsWith(word, StringComparison.Ordinal))
                {
                    return name;
                }
            }
        }

        return null;
    }

    private IMagic? Find(string name) => magics.Find(name);

    private string Suggest(string name) =>
        Nearest.Of(name, magics.All.SelectMany(magic => (string[])[magic.Syntax.Name, .. magic.Syntax.Aliases])) is { } near
            ? $"Did you mean '#!{near}'?"
            : "'#!lsmagic' lists all magics.";
}

/// <summary>One part of a submission, not yet run: its <c>@</c> values are not yet looked up.</summary>
internal sealed record Part(IMagic Magic, RawArguments Arguments, string Body, TextPosition BodyStart, TextLine? Line, string Around)
{
    /// <summary>The file from which the part comes, or null for a cell of the notebook.</summary>
    public string? Source { get; init; }

    /// <summary>The lines of a command that stands for several.</summary>
    public IReadOnlyList<TextLine> Lines { get; init; } = Line is { } only ? [only] : [];
}

internal static class MagicRegistryExtensions
{
    extension(IMagicRegistry magics)
    {
        /// <summary>The magic of that name or alias, or null.</summary>
        public IMagic? Find(string name) =>
            magics.All.LastOrDefault(magic => magic.Syntax.Name == name || magic.Syntax.Aliases.Contains(name))
            ?? magics.All.LastOrDefault(magic => string.Equals(magic.Syntax.Name, name, StringComparison.OrdinalIgnoreCase));
    }
}
