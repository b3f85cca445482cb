// Contents that notebooks of .NET Interactive make, in the namespaces that their 'using' lines name.
#pragma warning disable IDE0130 // The namespaces are theirs.
using Kadali.Cells;
using Kadali.Formatting;

namespace Microsoft.AspNetCore.Html
{
    /// <summary>Text that is HTML.</summary>
    public sealed class HtmlString(string? value) : HtmlContent(value ?? "")
    {
        public static readonly HtmlString Empty = new("");

        public string Value => ToString();
    }
}

namespace Microsoft.DotNet.Interactive
{
    /// <summary>LaTeX as it is.</summary>
    public sealed class LaTeXString(string latexCode) : IDisplayable
    {
        public static implicit operator LaTeXString(string latexCode) => new(latexCode);

        public MimeBundle ToMimeBundle() => MimeBundle.Of("text/latex", latexCode, latexCode);

        public override string ToString() => latexCode;
    }

    /// <summary>A formula in LaTeX, set on a line of its own.</summary>
    public sealed class MathString(string latexCode) : IDisplayable
    {
        public static implicit operator MathString(string latexCode) => new(latexCode);

        public MimeBundle ToMimeBundle() => MimeBundle.Of("text/latex", ToString(), latexCode);

        public override string ToString() => $"$${latexCode}$$";
    }

    /// <summary>JavaScript that runs in the reader's browser when it is shown.</summary>
    public sealed class ScriptContent(string scriptValue) : IDisplayable
    {
        public string ScriptValue => scriptValue;

        public MimeBundle ToMimeBundle() => MimeBundle.Of(MimeBundle.Html, ToString(), "<JavaScript>");

        public override string ToString() => $"<script type=\"text/javascript\">{scriptValue}</script>";
    }
}

namespace Microsoft.DotNet.Interactive.Formatting.TabularData
{
    /// <summary>A sequence that is shown as a table, with its columns and rows by name.</summary>
    public sealed class TabularDataResource : ITable
    {
        private readonly SequenceTable _table;

        internal TabularDataResource(SequenceTable table) => _table = table;

        public IReadOnlyList<TableColumn> Columns => _table.Columns;

        public long? RowCount => _table.RowCount;

        /// <summary>The rows as pairs of a column's name and a value.</summary>
        public IEnumerable<IReadOnlyDictionary<string, object?>> Data =>
            _table.Read(new(0, int.MaxValue), CancellationToken.None)
                .Select(row => Columns.Zip(row).ToDictionary(pair => pair.First.Name, pair => pair.Second));

        public ValueTask<IReadOnlyList<object?[]>> ReadAsync(TableRequest request, CancellationToken cancellationToken) =>
            _table.ReadAsync(request, cancellationToken);
    }

    /// <summary>Sequences as tables.</summary>
    public static class TabularDataResourceExtensions
    {
        /// <summary>The sequence as a table: a column for each member of its items.</summary>
        public static TabularDataResource ToTabularDataResource<T>(this IEnumerable<T> source) => new(new SequenceTable(source, typeof(T)));
    }
}
