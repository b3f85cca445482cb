namespace Kadali.Formatting;

/// <summary>Writes values of a type in one MIME type. The shape is that of .NET Interactive.</summary>
public interface ITypeFormatter
{
    string MimeType { get; }

    /// <summary>
    /// The values it is for: those of this type and of types below it; an open generic type such as <c>typeof(List&lt;&gt;)</c> is one too.
    /// </summary>
    Type Type { get; }

    /// <summary>Writes the value; false where it leaves it to others.</summary>
    bool Format(object value, TextWriter writer);
}

/// <summary>Where a registered form writes to.</summary>
public sealed class FormatContext(TextWriter writer)
{
    public TextWriter Writer => writer;
}

/// <summary>Settings for values of one type.</summary>
public static class Formatter<T>
{
    /// <summary>
    /// How many items of a list of <typeparamref name="T"/> are written out; <see cref="Formatter.ListExpansionLimit"/> where it is not
    /// set.
    /// </summary>
    public static int ListExpansionLimit
    {
        get => Formatter.Limits.GetValueOrDefault(typeof(T), Formatter.ListExpansionLimit);
        set => Formatter.Limits[typeof(T)] = value;
    }
}
