using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>What every C# cell can call without a prefix, under the names of .NET Interactive.</summary>
#pragma warning disable IDE1006 // display, input and password are spelled as notebooks spell them.
public static class Kernel
{
    /// <summary>Shows a value.</summary>
    public static DisplayedValue display(object? value, params string[] mimeTypes) => new(value, mimeTypes);

    /// <summary>Text that is HTML.</summary>
    public static HtmlContent HTML(string html) => new(html);

    /// <summary>Adds a style sheet to the output.</summary>
    public static void CSS(string css) => new HtmlContent($"<style>{css}</style>").Display();

    /// <summary>Runs JavaScript in the reader's browser.</summary>
    public static void Javascript(string script) => new DisplayedValue(
        new MimeBundle(new Dictionary<string, object> { [MimeBundle.JavaScript] = script, [MimeBundle.Plain] = "<JavaScript>" }));

    /// <summary>Text that is Markdown.</summary>
    public static MimeContent Markdown(string text) => new(MimeBundle.Markdown, text);

    /// <summary>Asks the reader.</summary>
    public static Task<string> GetInputAsync(string prompt = "", CancellationToken cancellationToken = default) =>
        InputSource.Required.AskAsync(prompt, false, cancellationToken);

    /// <summary>Asks the reader for something that must not show.</summary>
    public static async Task<PasswordString> GetPasswordAsync(string prompt = "", CancellationToken cancellationToken = default) =>
        new(await InputSource.Required.AskAsync(prompt, true, cancellationToken));

    /// <inheritdoc cref="GetInputAsync"/>
    public static Task<string> input(string prompt = "") => GetInputAsync(prompt);

    /// <inheritdoc cref="GetPasswordAsync"/>
    public static Task<PasswordString> password(string prompt = "") => GetPasswordAsync(prompt);

    /// <summary>Clears what the cell has shown; with <paramref name="wait"/>, when the next output comes.</summary>
    public static void ClearOutput(bool wait = false) => DisplaySink.Show(new CellEvent.Clear(wait));

    /// <summary>Shows a bar that moves in place.</summary>
    public static ProgressBar Progress(string title = "", double total = 1) => new(title, total);
}
#pragma warning restore IDE1006
