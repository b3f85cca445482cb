using System.Collections;
using System.Reflection;

namespace Kadali.Formatting;

/// <summary>The public members of objects, read with care: getters are somebody else's code.</summary>
internal static class ObjectMembers
{
    private const int Most = 200;

    /// <summary>The members with their values; a getter that throws gives what it threw.</summary>
    public static IEnumerable<(string Name, object? Value)> Of(object value)
    {
        var type = value.GetType();
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .DistinctBy(property => property.Name).Take(Most))
        {
            if (property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0
                && !property.PropertyType.IsByRefLike && !property.PropertyType.IsPointer && !property.PropertyType.IsByRef)
            {
                yield return (property.Name, Get(() => property.GetValue(value)));
            }
        }

        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public).Take(Most))
        {
            if (!field.FieldType.IsPointer)
            {
                yield return (field.Name, Get(() => field.GetValue(value)));
            }
        }
    }

    /// <summary>Whether its type says how it is written.</summary>
    public static bool HasOwnText(object value) =>
        value.GetType().GetMethod("ToString", Type.EmptyTypes)?.DeclaringType is { } declaring && declaring != typeof(object)
            && declaring != typeof(ValueType);

    /// <summary>Whether it is not to be looked into: that would wait, start something, or tell nothing.</summary>
    public static bool IsOpaque(object value)
    {
        var type = value.GetType();
        return value is Task or Type or Delegate or MemberInfo or Assembly or Thread or Stream
            or CancellationTokenSource or CancellationToken
            || (type.IsGenericType && type.GetGenericTypeDefinition() is var open
                && (open == typeof(Lazy<>) || open == typeof(ValueTask<>)))
            || value is ValueTask;
    }

    private static object? Get(Func<object?> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is TargetInvocationException or NotSupportedException or InvalidOperationException)
        {
            var thrown = exception.InnerException ?? exception;
            return $"<{thrown.GetType().Name}: {thrown.Message}>";
        }
    }
}

/// <summary>What can be gone through, item by item.</summary>
internal static class Sequences
{
    /// <summary>The items of a sequence, of memory, or of an asynchronous sequence; null for anything else.</summary>
    public static IEnumerable? Of(object value) => value switch
    {
        IEnumerable items => items,
        _ when value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() is var open
            && (open == typeof(Memory<>) || open == typeof(ReadOnlyMemory<>)) =>
            (IEnumerable)type.GetMethod("ToArray")!.Invoke(value, null)!,
        _ => AsyncItem(value.GetType()) is { } item
            ? (IEnumerable)typeof(Sequences)
                .GetMethod(nameof(Waited), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(item).Invoke(null, [value])!
            : null,
    };

    /// <summary>The type of a sequence's items, or null where it does not say.</summary>
    public static Type? ItemType(Type type) =>
        type.GetInterfaces().Append(type)
            .Where(face => face.IsGenericType
                && (face.GetGenericTypeDefinition() == typeof(IEnumerable<>)
                    || face.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)))
            .Select(face => face.GetGenericArguments()[0])
            .FirstOrDefault()
        ?? (type is { IsGenericType: true }
            && (type.GetGenericTypeDefinition() == typeof(Memory<>) || type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>))
            ? type.GetGenericArguments()[0] : null);

    /// <summary>How many items a sequence has, where it can tell without going through them.</summary>
    public static int? CountOf(IEnumerable items)
    {
        if (ItemType(items.GetType()) is not { } item || typeof(IEnumerable<>).MakeGenericType(item) is var typed
            && !typed.IsInstanceOfType(items))
        {
            return null;
        }

        object?[] arguments = [items, 0];
        return typeof(Enumerable).GetMethod(nameof(Enumerable.TryGetNonEnumeratedCount))!.MakeGenericMethod(item)
            .Invoke(null, arguments) is true ? (int)arguments[1]! : null;
    }

    private static Type? AsyncItem(Type type) =>
        type.GetInterfaces().Append(type)
            .FirstOrDefault(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
            ?.GetGenericArguments()[0];

    /// <summary>
    /// Waits for each item, away from the thread that the sequence's own steps may need. Values are shown without awaiting, by formatters
    /// of cells too; what blocks is the thread of the cell whose value it is, which an interrupt wakes.
    /// </summary>
    private static IEnumerable<T> Waited<T>(IAsyncEnumerable<T> items)
    {
        var enumerator = Task.Run(() => items.GetAsyncEnumerator()).GetAwaiter().GetResult();
        try
        {
            while (Task.Run(async () => await enumerator.MoveNextAsync()).GetAwaiter().GetResult())
            {
                yield return enumerator.Current;
            }
        }
        finally
        {
            Task.Run(async () => await enumerator.DisposeAsync()).GetAwaiter().GetResult();
        }
    }
}
