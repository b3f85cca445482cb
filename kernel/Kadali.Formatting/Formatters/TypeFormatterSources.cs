using System.Collections;
using System.Reflection;

namespace Kadali.Formatting;

/// <summary>
/// What a library's types say of themselves without referencing us: an attribute that is called <c>TypeFormatterSourceAttribute</c> names a
/// class whose <c>CreateTypeFormatters()</c> gives objects with <c>MimeType</c> and <c>bool Format(object, TextWriter)</c>. All are found
/// by name.
/// </summary>
internal static class TypeFormatterSources
{
    private const string AttributeName = "TypeFormatterSourceAttribute";

    public sealed record Source(IReadOnlyList<ITypeFormatter> Forms, string[] Preferred);

    public static IReadOnlyList<Source> Of(Type type)
    {
        if (type.IsPrimitive || type.Namespace is { } space && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal)))
        {
            return [];
        }

        var attributes = type.GetInterfaces().Prepend(type).SelectMany(one => one.GetCustomAttributes(inherit: true))
            .Where(it => it.GetType().Name == AttributeName);
        return [.. attributes.Select(Read)];
    }

    private static Source Read(object attribute)
    {
        var source = (Type)Property(attribute, "FormatterSourceType")!;
        var created = Activator.CreateInstance(source, nonPublic: true)!;
        var forms = (IEnumerable)Method(source, "CreateTypeFormatters", []).Invoke(created, null)!;
        return new([.. forms.Cast<object>().Select(form => new Form(form))], Property(attribute, "PreferredMimeTypes") as string[] ?? []);
    }

    private static object? Property(object owner, string name) => owner.GetType().GetProperty(name)?.GetValue(owner);

    private static MethodInfo Method(Type type, string name, Type[] parameters) =>
        type.GetMethod(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, parameters)
        ?? throw new MissingMethodException(
            $"{TypeNames.Of(type)}, which a {AttributeName} names, has no {name}({string.Join(", ", parameters.Select(TypeNames.Of))}).");

    private sealed class Form(object form) : ITypeFormatter
    {
        private readonly MethodInfo _format = Method(form.GetType(), "Format", [typeof(object), typeof(TextWriter)]);

        public string MimeType { get; } = (string)Property(form, "MimeType")!;

        public Type Type => typeof(object);

        public bool Format(object value, TextWriter writer) => _format.Invoke(form, [value, writer]) is not false;
    }
}
