using System.ComponentModel.DataAnnotations.Schema;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kadali.Delta;

/// <summary>A constructor parameter or property that gets the value of a column.</summary>
/// <param name="IsNeverNull">Whether C# says that it is never null.</param>
internal sealed record RowSlot(string Column, Type Type, bool IsNeverNull);

/// <summary>
/// How an object is made of columns: by the constructor that takes most of them, then by its public setters. A parameter with a default
/// needs no column, a property that is not <c>required</c> none either.
/// </summary>
internal sealed class RowConstruction
{
    private readonly Type _type;
    private readonly ConstructorInfo? _constructor;
    private readonly RowSlot?[] _parameters;
    private readonly (PropertyInfo Property, RowSlot Slot)[] _properties;

    private RowConstruction(Type type, IReadOnlyCollection<string> columns)
    {
        _type = type;
        var names = new HashSet<string>(columns, StringComparer.OrdinalIgnoreCase);
        var constructors = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).ToArray();
        _constructor = Array.Find(
            constructors, candidate => candidate.GetParameters().All(parameter =>
                parameter.HasDefaultValue || names.Contains(Column(parameter))));
        if (_constructor is null && constructors.Length > 0)
        {
            throw Missing(constructors[0].GetParameters().Select(Column).First(column => !names.Contains(column)), columns);
        }

        if (type.IsAbstract || (_constructor is null && !type.IsValueType) || type == typeof(object))
        {
            throw new DeltaException(
                DeltaErrorKind.Schema, $"No object of {type.Name} can be made of a row.", "Use a record with the names of the columns.");
        }

        var parameters = _constructor?.GetParameters() ?? [];
        _parameters =
        [
            .. parameters.Select(parameter => names.Contains(Column(parameter))
                ? new RowSlot(Column(parameter), parameter.ParameterType, RowType.IsNeverNull(parameter)) : null),
        ];
        var settable = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0
                && !property.IsDefined(typeof(NotMappedAttribute), inherit: true)
                && !parameters.Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase)))
            .ToArray();
        if (_constructor?.IsDefined(typeof(System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute)) != true
            && Array.Find(settable, property => property.IsDefined(typeof(RequiredMemberAttribute)) && !names.Contains(Column(property)))
                is { } required)
        {
            throw Missing(Column(required), columns);
        }

        _properties =
        [
            .. settable.Where(property => names.Contains(Column(property))).Select(property =>
                (property, new RowSlot(Column(property), property.PropertyType, RowType.IsNeverNull(property)))),
        ];
    }

    /// <exception cref="DeltaException">The type wants a column that is not there.</exception>
    public static RowConstruction Of(Type type, IReadOnlyCollection<string> columns) => new(type, columns);

    /// <summary>The expression that makes an object.</summary>
    /// <param name="value">Gives the expression of a value.</param>
    public Expression Build(Func<RowSlot, Expression> value)
    {
        var made = _constructor is null
            ? Expression.New(_type)
            : Expression.New(_constructor, _constructor.GetParameters().Select((parameter, i) => _parameters[i] is { } slot
                ? value(slot)
                : Expression.Constant(Default(parameter), parameter.ParameterType)));
        return Expression.MemberInit(made, _properties.Select(item => Expression.Bind(item.Property, value(item.Slot))));
    }

    /// <summary>Makes an object.</summary>
    public object Make(Func<RowSlot, object?> value)
    {
        var made = _constructor is null
            ? Activator.CreateInstance(_type)!
            : _constructor.Invoke(
                [.. _constructor.GetParameters().Select((parameter, i) => _parameters[i] is { } slot ? value(slot) : Default(parameter))]);
        foreach (var (property, slot) in _properties)
        {
            property.SetValue(made, value(slot));
        }

        return made;
    }

    private static string Column(ParameterInfo parameter)
    {
        // Of a record's parameter the attribute stands at the property.
        var property = parameter.Member.DeclaringType!.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .FirstOrDefault(property => string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
        return property is null ? RowType.ColumnOf(parameter, parameter.Name!) : RowType.ColumnOf(property, parameter.Name!);
    }

    private static string Column(PropertyInfo property) => RowType.ColumnOf(property, property.Name);

    private static object? Default(ParameterInfo parameter) => parameter.DefaultValue
        ?? (parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null);

    private DeltaException Missing(string column, IReadOnlyCollection<string> columns) => new(
        DeltaErrorKind.Schema, $"{_type.Name} wants a column '{column}', which the table has not.",
        columns.Count == 0 ? null : $"Its columns are {string.Join(", ", columns)}.");
}
