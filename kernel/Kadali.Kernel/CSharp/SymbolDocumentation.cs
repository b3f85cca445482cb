using System.Text;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>The documentation of what libraries declare, as plain text.</summary>
internal static class SymbolDocumentation
{
    /// <summary>Summary, parameters and result; empty where there is no documentation.</summary>
    public static string Of(ISymbol symbol, CancellationToken cancellationToken)
    {
        var xml = symbol.GetDocumentationCommentXml(cancellationToken: cancellationToken);
        if (string.IsNullOrEmpty(xml))
        {
            return "";
        }

        var member = XElement.Parse(xml);
        var text = new StringBuilder(Flatten(member.Element("summary")));
        foreach (var parameter in member.Elements("param"))
        {
            text.Append($"\n\n{parameter.Attribute("name")?.Value}: {Flatten(parameter)}");
        }

        if (member.Element("returns") is { } returns)
        {
            text.Append($"\n\nReturns: {Flatten(returns)}");
        }

        return text.ToString();
    }

    private static string Flatten(XElement? element) => element is null
        ? ""
        : string.Join(' ', string.Concat(element.DescendantNodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { IsEmpty: true } reference =>
                (reference.Attribute("cref") ?? reference.Attribute("name") ?? reference.Attribute("langword"))?.Value is { } name
                    ? name[(name.LastIndexOf(':') + 1)..] is var full && full.Contains('(')
                        ? full[..full.IndexOf('(')]
                        : name[(name.LastIndexOf(':') + 1)..]
                    : "",
            _ => "",
        })).Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
