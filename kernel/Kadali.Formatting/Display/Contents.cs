using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>Text that is HTML.</summary>
public class HtmlContent(string html)
{
    public override string ToString() => html;
}

/// <summary>Text of a MIME type.</summary>
public sealed class MimeContent(string mimeType, string text)
{
    public string MimeType => mimeType;

    public override string ToString() => text;
}

/// <summary>Text that must not show: it prints as <c>***</c>.</summary>
public sealed class PasswordString(string text)
{
    public string GetClearTextPassword() => text;

    public override string ToString() => "***";
}
