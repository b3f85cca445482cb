using Apache.Arrow;
using Apache.Arrow.Types;
using Kadali.Formatting;

namespace Kadali.Tables;

/// <summary>
/// Values of no static type: those of the first array say which it is. Where they differ, all are text.
/// </summary>
internal sealed class ObjectBuilder(Func<Type, ColumnBuilder> builderOf) : ColumnBuilder<object>
{
    private readonly List<object?> _values = [];
    private ColumnBuilder? _inner;
    private Type? _type;

    public override IArrowType Type => _inner?.Type ?? StringType.Default;

    public override string? Extension => _inner?.Extension;

    public override void Append(object value)
    {
        _values.Add(value);
        Valid();
    }

    protected override void AppendDefault() => _values.Add(null);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        if (_inner is null)
        {
            var types = _values.OfType<object>().Select(value => value.GetType()).Distinct().Take(2).ToArray();
            _type = types is [var only] ? only : null;
            _inner = builderOf(_type ?? typeof(string));
        }

        foreach (var value in _values)
        {
            _inner.AppendObject(value is null || value.GetType() == _type ? value
                : _type is null || _type == typeof(string) ? ValueText.Of(value)
                : throw new SequenceException(
                    $"a value is a {TypeNames.Of(value.GetType())} where those before it are {TypeNames.Of(_type)}",
                    "Give the sequence objects with typed members."));
        }

        _values.Clear();
        return _inner.Build();
    }
}

/// <summary>Why a sequence cannot be a table.</summary>
public sealed class SequenceException(string message, string hint) : Exception(message)
{
    /// <summary>What to do.</summary>
    public string Hint => hint;
}
