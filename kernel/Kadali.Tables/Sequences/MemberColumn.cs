using System.Reflection;
using Apache.Arrow;

namespace Kadali.Tables;

/// <summary>A member of a type as a column of its objects.</summary>
internal abstract class MemberColumn<TRow>(string name, ColumnBuilder builder)
{
    public Field Field => builder.Field(name);

    public abstract void Append(TRow row);

    /// <summary>Looks at a row that will come.</summary>
    public virtual void Observe(TRow row)
    {
    }

    public void AppendNull() => builder.AppendNull();

    public ArrayData Build() => builder.Build();
}

/// <summary>A member that is read by a delegate to its getter.</summary>
internal sealed class MemberColumn<TRow, TValue>(string name, Func<TRow, TValue> get, ColumnBuilder<TValue> builder)
    : MemberColumn<TRow>(name, builder)
{
    private readonly DecimalBuilder? _decimals = builder as DecimalBuilder;

    public override void Append(TRow row)
    {
        var value = get(row);
        if (value is null)
        {
            builder.AppendNull();
        }
        else
        {
            builder.Append(value);
        }
    }

    public override void Observe(TRow row)
    {
        if (_decimals is not null)
        {
            _decimals.Observe((decimal)(object)get(row)!);
        }
    }
}

/// <summary>Makes the columns of a type.</summary>
internal static class MemberColumns
{
    /// <summary>The public properties and fields of a type, as columns.</summary>
    public static IReadOnlyList<MemberColumn<TRow>> Of<TRow>(BuilderFactory builders) =>
        [.. Members(typeof(TRow)).Select(member => Column<TRow>(member, builders))];

    /// <summary>The members that are columns.</summary>
    public static IEnumerable<MemberInfo> Members(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0
                && property.Name != "EqualityContract"
                && !property.PropertyType.IsByRefLike && !property.PropertyType.IsPointer),
        .. type.GetFields(BindingFlags.Instance | BindingFlags.Public),
    ];

    public static Type TypeOf(MemberInfo member) => member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static MemberColumn<TRow> Column<TRow>(MemberInfo member, BuilderFactory builders) =>
        (MemberColumn<TRow>)typeof(MemberColumns).GetMethod(nameof(Typed), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(typeof(TRow), TypeOf(member))
            .Invoke(null, [member, builders.Of(TypeOf(member))])!;

    private static MemberColumn<TRow, TValue> Typed<TRow, TValue>(MemberInfo member, ColumnBuilder builder) =>
        new(member.Name, Getter<TRow, TValue>(member), (ColumnBuilder<TValue>)builder);

    private static Func<TRow, TValue> Getter<TRow, TValue>(MemberInfo member)
    {
        if (member is PropertyInfo { GetMethod: { } getter } && !typeof(TRow).IsValueType)
        {
            return getter.CreateDelegate<Func<TRow, TValue>>();
        }

        var row = System.Linq.Expressions.Expression.Parameter(typeof(TRow));
        return System.Linq.Expressions.Expression.Lambda<Func<TRow, TValue>>(
            System.Linq.Expressions.Expression.MakeMemberAccess(row, member), row).Compile();
    }
}
