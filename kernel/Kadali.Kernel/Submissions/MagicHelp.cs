using System.Text;
using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>What <c>--help</c> shows, made from a magic's syntax.</summary>
internal static class MagicHelp
{
    public static MimeBundle Of(MagicSyntax syntax, string? subcommand)
    {
        var chosen = syntax.Subcommands.FirstOrDefault(sub => sub.Name == subcommand);
        var text = new StringBuilder();
        var name = chosen is null ? syntax.Written : $"{syntax.Written} {chosen.Name}";
        var shown = chosen ?? syntax;
        IReadOnlyList<MagicOption> options = chosen is null ? syntax.Options : [.. chosen.Options, .. syntax.Options];
        text.Append(name).Append(" — ").Append(shown.Summary).Append("\n\nUsage:\n  ").Append(name);
        if (chosen is null && syntax.Subcommands.Count > 0)
        {
            text.Append(" SUBCOMMAND");
        }

        foreach (var option in options)
        {
            var usage = option.IsFlag ? $"--{option.Name}"
                : option.Implicit ? $"{option.ValueName}"
                : $"--{option.Name} {option.ValueName}";
            text.Append(option.Required ? $" {usage}" : $" [{usage}]").Append(option.Repeatable ? "…" : "");
        }

        text.Append('\n');
        if (shown.Body is { } body)
        {
            text.Append("  ").Append(body).Append('\n');
        }

        if (shown.Aliases.Count > 0)
        {
            text.Append("\nAlso: ").Append(string.Join(", ", shown.Aliases.Select(alias => "#!" + alias))).Append('\n');
        }

        Rows(text, "Subcommands", chosen is null ? [.. syntax.Subcommands.Select(sub => (sub.Name, sub.Summary))] : []);
        Rows(text, "Options", [.. options.Select(option => (
            option.IsFlag ? $"--{option.Name}" : $"--{option.Name} {option.ValueName}",
            option.Summary + (option.Choices.Count > 0 ? $" ({string.Join(", ", option.Choices)})" : "")
                + (option.Required ? " (required)" : "")))]);
        if (shown.Remarks is { } remarks)
        {
            text.Append('\n').Append(remarks).Append('\n');
        }

        if (shown.Examples.Count > 0)
        {
            text.Append("\nExamples:\n");
            foreach (var (example, explanation) in shown.Examples)
            {
                text.Append("  ").Append(example.Replace("\n", "\n  ", StringComparison.Ordinal))
                    .Append("\n      ").Append(explanation).Append('\n');
            }
        }

        return MimeBundle.Text(text.ToString().TrimEnd());
    }

    private static void Rows(StringBuilder text, string title, IReadOnlyList<(string Name, string Summary)> rows)
    {
        if (rows.Count > 0)
        {
            var width = rows.Max(row => row.Name.Length);
            text.Append('\n').Append(title).Append(":\n");
            foreach (var (name, summary) in rows)
            {
                text.Append("  ").Append(name.PadRight(width)).Append("  ").Append(summary).Append('\n');
            }
        }
    }
}
