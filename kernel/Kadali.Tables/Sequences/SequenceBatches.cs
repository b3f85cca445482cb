using System.Collections;
using System.Reflection;
using Apache.Arrow;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Tables;

/// <summary>
/// A C# sequence as record batches: a column for each member of its objects, for each key of its dictionaries, or the one column
/// <c>value</c> of plain values. Members are read through delegates, values are not boxed.
/// </summary>
public static class SequenceBatches
{
    /// <summary>Rows of a batch.</summary>
    public const int BatchRows = 65_536;

    /// <summary>What one column of plain values is called.</summary>
    public const string ValueColumn = "value";

    /// <summary>
    /// The batches of a sequence, made as they are asked for; the sequence is enumerated once. The first one may be empty.
    /// </summary>
    /// <param name="sequence">The rows.</param>
    /// <param name="declared">The static type of the sequence's variable: an interface that it implements says what its rows are.</param>
    /// <param name="cancellationToken">Ends the enumeration between two rows.</param>
    /// <exception cref="CellFaultException">A value has no place in a column.</exception>
    public static IEnumerable<RecordBatch> Of(IEnumerable sequence, Type declared, CancellationToken cancellationToken)
    {
        var element = ElementOf(declared) ?? ElementOf(sequence.GetType()) ?? typeof(object);
        var read = typeof(SequenceBatches).GetMethod(nameof(ReadTyped), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(element);
        var typed = typeof(IEnumerable<>).MakeGenericType(element).IsInstanceOfType(sequence) ? sequence : Cast(sequence);
        return (IEnumerable<RecordBatch>)read.Invoke(null, [typed, cancellationToken])!;
    }

    /// <summary>The rows of a table that has no batches.</summary>
    public static IEnumerable<RecordBatch> Of(ITable table, IReadOnlyList<object?[]> rows)
    {
        var builders = new BuilderFactory();
        var columns = table.Columns.Select((column, i) => (MemberColumn<object?[]>)new MemberColumn<object?[], object>(
            column.Name, row => row[i]!, (ColumnBuilder<object>)builders.Of(typeof(object)))).ToArray();
        return Read(rows, columns, CancellationToken.None);
    }

    /// <summary>The columns that objects of a type have, with the members' types; one for plain values.</summary>
    public static IReadOnlyList<(string Name, Type Type)> MembersOf(Type element) =>
        SequenceTable.IsRow(element) && !typeof(IEnumerable).IsAssignableFrom(element)
            ? [.. MemberColumns.Members(element).Select(member => (member.Name, MemberColumns.TypeOf(member)))]
            : [(ValueColumn, element)];

    /// <summary>The type of a sequence's items, or null where the type is no typed sequence.</summary>
    public static Type? ElementOf(Type type) => type.GetInterfaces().Append(type)
        .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))
        .Select(face => face.GetGenericArguments()[0])
        .OrderBy(element => element == typeof(object))
        .FirstOrDefault();

    /// <summary>How many rows a sequence has, where it knows without being enumerated.</summary>
    public static int? CountOf(IEnumerable sequence) => ElementOf(sequence.GetType()) is not { } element
        ? null
        : (int?)typeof(SequenceBatches).GetMethod(nameof(CountTyped), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(element).Invoke(null, [sequence]);

    private static int? CountTyped<T>(IEnumerable<T> sequence) => sequence.TryGetNonEnumeratedCount(out var count) ? count : null;

    private static IEnumerable<object?> Cast(IEnumerable sequence)
    {
        foreach (var item in sequence)
        {
            yield return item;
        }
    }

    private static IEnumerable<RecordBatch> ReadTyped<T>(IEnumerable<T> rows, CancellationToken cancellationToken)
    {
        var builders = new BuilderFactory();
        if (typeof(IDictionary<string, object?>).IsAssignableFrom(typeof(T)))
        {
            return Read(
                rows.Cast<IDictionary<string, object?>>(),
                KeyColumns(rows.Cast<IDictionary<string, object?>>(), builders), cancellationToken);
        }

        if (typeof(T) == typeof(object) && rows is IReadOnlyCollection<object> { Count: > 0 }
            && rows.Cast<object?>().Take(100).All(row => row is IDictionary<string, object?>))
        {
            return Read(
                rows.Cast<IDictionary<string, object?>>(),
                KeyColumns(rows.Cast<IDictionary<string, object?>>(), builders), cancellationToken);
        }

        var columns = SequenceTable.IsRow(typeof(T)) && !typeof(IEnumerable).IsAssignableFrom(typeof(T))
            ? MemberColumns.Of<T>(builders)
            : [new MemberColumn<T, T>(ValueColumn, row => row, (ColumnBuilder<T>)builders.Of(typeof(T)))];
        if (rows is IReadOnlyCollection<T> and (IList or IReadOnlyList<T>))
        {
            foreach (var row in rows)
            {
                if (row is not null)
                {
                    foreach (var column in columns)
                    {
                        column.Observe(row);
                    }
                }
            }
        }

        return Read(rows, columns, cancellationToken);
    }

    private static MemberColumn<IDictionary<string, object?>>[] KeyColumns(
        IEnumerable<IDictionary<string, object?>> rows, BuilderFactory builders) =>
        [.. rows.Take(1000).SelectMany(row => row.Keys).Distinct().Select(key => new MemberColumn<IDictionary<string, object?>, object>(
            key, row => row.TryGetValue(key, out var value) ? value! : null!, (ColumnBuilder<object>)builders.Of(typeof(object))))];

    private static IEnumerable<RecordBatch> Read<T>(
        IEnumerable<T> rows, IReadOnlyList<MemberColumn<T>> columns, CancellationToken cancellationToken)
    {
        Schema? schema = null;
        var count = 0;
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var column in columns)
            {
                if (row is null)
                {
                    column.AppendNull();
                }
                else
                {
                    column.Append(row);
                }
            }

            if (++count == BatchRows)
            {
                yield return Build();
            }
        }

        if (count > 0 || schema is null)
        {
            yield return Build();
        }

        RecordBatch Build()
        {
            var arrays = columns.Select(column => ArrowArrayFactory.BuildArray(column.Build())).ToArray();
            schema ??= new(columns.Select(column => column.Field), null);
            var batch = new RecordBatch(schema, arrays, count);
            count = 0;
            return batch;
        }
    }
}
