using System.Collections;
using System.Text;

namespace Kadali.Formatting;

/// <summary>
/// An object as HTML: its members in a table, objects within it to fold out. However large the graph is, the tree has an end.
/// </summary>
internal sealed class ObjectTree
{
    private const int MostRows = 300;
    private const int CellLength = 2_000;
    private readonly StringBuilder _html = new();
    private readonly List<object> _above = [];
    private int _rows;

    public static string Of(object value)
    {
        var tree = new ObjectTree();
        tree.Write(value, 0);
        return tree._html.ToString();
    }

    private void Write(object value, int depth)
    {
        var title = ObjectMembers.HasOwnText(value) ? ValueText.Of(value, CellLength) : TypeNames.Of(value.GetType());
        _html.Append($"<details class=\"dni-treeview\"{(depth == 0 ? " open" : "")}><summary><span class=\"dni-code-hint\"><code>")
            .Append(HtmlForms.Encode(title)).Append("</code></span></summary><table><tbody>");
        _above.Add(value);
        foreach (var (name, member) in ObjectMembers.Of(value))
        {
            if (_rows++ >= MostRows)
            {
                _html.Append("<tr><td colspan=\"2\">… (more)</td></tr>");
                break;
            }

            _html.Append($"<tr><th scope=\"row\" style=\"text-align:left\">{HtmlForms.Encode(name)}</th><td style=\"text-align:left\">");
            if (member is null)
            {
                _html.Append("<i>").Append(HtmlForms.Encode(Formatter.NullString)).Append("</i>");
            }
            else if (_above.Any(other => ReferenceEquals(other, member)))
            {
                _html.Append("<i>(see above)</i>");
            }
            else if (depth + 1 >= Formatter.RecursionLimit || member is string or IEnumerable || IsPlain(member))
            {
                _html.Append(HtmlForms.Encode(ValueText.Of(member, CellLength)));
            }
            else
            {
                Write(member, depth + 1);
            }

            _html.Append("</td></tr>");
        }

        _above.RemoveAt(_above.Count - 1);
        _html.Append("</tbody></table></details>");
    }

    /// <summary>Whether a value is told by one piece of text.</summary>
    public static bool IsPlain(object value)
    {
        var type = value.GetType();
        return type.IsPrimitive || type.IsEnum || value is byte[] or Uri or Version or Guid || ObjectMembers.IsOpaque(value)
            || (type.Namespace == "System" && value is IFormattable) || Sequences.Of(value) is not null || !ObjectMembers.Of(value).Any();
    }
}
