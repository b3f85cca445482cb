namespace Kadali.Formatting;

/// <summary>Names of types as C# writes them.</summary>
public static class TypeNames
{
    /// <summary>The name of a type, for instance <c>Dictionary&lt;string, int?&gt;</c>.</summary>
    public static string Of(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? Of(inner) + "?"
        : type.IsArray ? $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]"
        : type.IsGenericType ? Generic(type)
        : type.IsEnum ? type.Name
        : Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => "bool",
            TypeCode.Byte => "byte",
            TypeCode.SByte => "sbyte",
            TypeCode.Char => "char",
            TypeCode.Int16 => "short",
            TypeCode.UInt16 => "ushort",
            TypeCode.Int32 => "int",
            TypeCode.UInt32 => "uint",
            TypeCode.Int64 => "long",
            TypeCode.UInt64 => "ulong",
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            TypeCode.Decimal => "decimal",
            TypeCode.String => "string",
            _ => type == typeof(object) ? "object" : type.Name,
        };

    private static string Generic(Type type)
    {
        var arguments = string.Join(", ", type.GetGenericArguments().Select(Of));
        return type.Name.Contains("AnonymousType", StringComparison.Ordinal)
            ? $"(anonymous: {string.Join(", ", type.GetProperties().Select(it => it.Name))})"
            : type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true ? $"({arguments})"
            : $"{(type.Name.IndexOf('`') is >= 0 and var tick ? type.Name[..tick] : type.Name)}<{arguments}>";
    }
}
