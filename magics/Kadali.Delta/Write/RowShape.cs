using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>A column that a query gives.</summary>
/// <param name="Type">As DuckDB prints it.</param>
internal sealed record SourceColumn(string Name, string Type);

/// <summary>
/// Gives the rows of a query the columns of a table: by name or place, cast, with defaults, generated and identity values.
/// </summary>
internal sealed class RowShape(Metadata metadata)
{
    private const string Default = "CURRENT_DEFAULT";
    private const string Generated = "delta.generationExpression";
    private const string IdentityStart = "delta.identity.start";
    private const string IdentityStep = "delta.identity.step";
    private const string IdentityMark = "delta.identity.highWaterMark";
    private const string IdentityExplicit = "delta.identity.allowExplicitInsert";

    private readonly DeltaType.Struct _schema = SchemaJson.Read(metadata.SchemaString);

    /// <summary>The columns of a query.</summary>
    public static IReadOnlyList<SourceColumn> Columns(DuckDb duckDb, string query, CancellationToken cancellationToken) =>
        duckDb.Query($"DESCRIBE {query}", reader => new SourceColumn(reader.GetString(0), reader.GetString(1)), cancellationToken);

    /// <summary>A row of a table's columns without values, to ask for the types of expressions.</summary>
    public static string StandIn(DeltaType.Struct schema, string alias) =>
        $"(SELECT {string.Join(", ", schema.Fields.Select(
            field => $"CAST(NULL AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}"))}) AS {alias}";

    /// <summary>Columns whose values have to be counted when the rows are written: <see cref="AfterWrite"/>.</summary>
    public IReadOnlyList<string> Identities { get; private set; } = [];

    /// <summary>A query with the columns of the table, whose rows are checked.</summary>
    /// <param name="source">The columns of the query.</param>
    /// <param name="targets">The table's columns that these are, in their order; null to match all by name.</param>
    /// <exception cref="DeltaException">The query has a column that the table has not.</exception>
    public string Of(string query, IReadOnlyList<SourceColumn> source, IReadOnlyList<string>? targets)
    {
        var given = Match(source, targets);
        var inner = new List<string>();
        var generated = new List<StructField>();
        var identities = new List<string>();
        foreach (var field in _schema.Fields)
        {
            var name = DuckDb.Name(field.Name);
            if (given.TryGetValue(field.Name, out var column))
            {
                CheckGiven(field, isNew: true);
                inner.Add($"{Cast(field, DuckDb.Name(column.Name), column.Type)} AS {name}");
            }
            else if (field.Text(Generated) is not null)
            {
                generated.Add(field);
            }
            else if (field.Metadata.ContainsKey(IdentityStart))
            {
                identities.Add(field.Name);
                inner.Add($"{Identity(field, "row_number() OVER () - 1")} AS {name}");
            }
            else
            {
                inner.Add($"CAST({Missing(field)} AS {DuckTypes.Of(field.Type)}) AS {name}");
            }
        }

        Identities = identities;
        var rows = $"SELECT {(inner.Count == 0 ? "NULL AS _nothing" : string.Join(", ", inner))} FROM ({query})";
        if (generated.Count > 0)
        {
            rows = $"SELECT {string.Join(", ", _schema.Fields.Select(field => generated.Contains(field)
                ? $"CAST({TableExpression.ToSql(field.Text(Generated)!, _schema)} AS {DuckTypes.Of(field.Type)}) "
                    + $"AS {DuckDb.Name(field.Name)}"
                : DuckDb.Name(field.Name)))} FROM ({rows})";
        }

        return RowChecks.Apply(rows, metadata, _schema, given.Keys);
    }

    /// <summary>A query over rows that have all columns of the table already, with generated ones computed anew, and checked.</summary>
    /// <param name="kept">Columns that stand beside those of the table.</param>
    public string Renewed(string query, IReadOnlyCollection<string> assigned, params IEnumerable<string> kept)
    {
        var stale = _schema.Fields
            .Where(field => field.Text(Generated) is not null && !assigned.Contains(field.Name, StringComparer.OrdinalIgnoreCase))
            .ToArray();
        var rows = stale.Length == 0
            ? query
            : $"SELECT {string.Join(", ", _schema.Fields.Select(field => stale.Contains(field)
                ? $"CAST({TableExpression.ToSql(field.Text(Generated)!, _schema)} AS {DuckTypes.Of(field.Type)}) "
                    + $"AS {DuckDb.Name(field.Name)}"
                : DuckDb.Name(field.Name)).Concat(kept.Select(DuckDb.Name)))} FROM ({query})";
        return RowChecks.Apply(rows, metadata, _schema, assigned);
    }

    /// <summary>The metadata once so many rows with identities were written, or the same.</summary>
    public Metadata AfterWrite(long rows) => Counted(Identities, rows);

    /// <summary>Whether the column counts its rows.</summary>
    public static bool IsIdentity(StructField field) => field.Metadata.ContainsKey(IdentityStart);

    /// <exception cref="DeltaException">It counts its rows, and takes no values, or none for a row that is there, as in Spark.</exception>
    public static void CheckGiven(StructField field, bool isNew, int? offset = null)
    {
        if (IsIdentity(field) && !(isNew && (bool?)field.Metadata[IdentityExplicit] == true))
        {
            throw new DeltaException(
                DeltaErrorKind.Argument,
                isNew ? $"Column '{field.Name}' is GENERATED ALWAYS AS IDENTITY: no values can be given for it."
                    : $"Column '{field.Name}' is an identity column: the values of rows that are there do not change.",
                "Leave it out.") { Offset = offset };
        }
    }

    /// <summary>The field with the greater of its mark and another, by the sign of its step.</summary>
    public static StructField WithMark(StructField field, long? mark) => mark is { } other
        && !(Mark(field) is { } own && (Step(field) > 0 ? own >= other : own <= other))
            ? field.With(IdentityMark, JsonValue.Create(other)) : field;

    /// <summary>The last identity that was given; null where none was.</summary>
    public static long? Mark(StructField field) => (long?)field.Metadata[IdentityMark];

    /// <summary>
    /// The mark that covers values which were given: the one farthest along, or the next that the column itself would give. Null where
    /// they all lie before its start.
    /// </summary>
    public static long? MarkOver(StructField field, long least, long greatest)
    {
        var (start, step) = ((long?)field.Metadata[IdentityStart] ?? 1, Step(field));
        var last = step > 0 ? greatest : least;
        var distance = checked(last - start);
        return step > 0 == distance < 0 && distance != 0 ? null
            : checked(start + (distance / step + (distance % step == 0 ? 0 : 1)) * step);
    }

    /// <summary>SQL of the identity of the row that has a number, from 0.</summary>
    public static string Identity(StructField field, string number) =>
        string.Create(CultureInfo.InvariantCulture, $"CAST({Next(field)} + ({number}) * {Step(field)} AS {DuckTypes.Of(field.Type)})");

    /// <summary>The metadata once so many rows got identities in some columns, or the same.</summary>
    public Metadata Counted(IReadOnlyList<string> columns, long rows) => columns.Count == 0 || rows == 0
        ? metadata
        : metadata with
        {
            SchemaString = SchemaJson.Write(new([.. _schema.Fields.Select(field => columns.Contains(field.Name)
                ? field.With(IdentityMark, JsonValue.Create(checked(Next(field) + (rows - 1) * Step(field))))
                : field)])),
        };

    /// <summary>Whether the column's values come from those of others.</summary>
    public bool IsGenerated(StructField field) => field.Text(Generated) is not null;

    /// <summary>Whether nobody has to give the column's values: they come from other columns, or are counted.</summary>
    public bool IsComputed(StructField field) => IsGenerated(field) || field.Metadata.ContainsKey(IdentityStart);

    /// <summary>SQL of the value of a column that a row gives none for.</summary>
    public string Missing(StructField field) => field.Text(Default) is { } value ? TableExpression.ToSql(value) : "NULL";

    /// <summary>SQL that makes a value of another type the column's.</summary>
    private static string Cast(StructField field, string value, string from)
    {
        var to = DuckTypes.Of(field.Type);
        return from == to || field.Type == DeltaType.Void ? value
            : $"CAST({StoreAssignment.Of(field.Name, field.Type, value, from)} AS {to})";
    }

    private static long Step(StructField field) => (long?)field.Metadata[IdentityStep] ?? 1;

    private static long Next(StructField field) => field.Metadata[IdentityMark] is { } mark
        ? checked((long)mark + Step(field))
        : (long?)field.Metadata[IdentityStart] ?? 1;

    private Dictionary<string, SourceColumn> Match(IReadOnlyList<SourceColumn> source, IReadOnlyList<string>? targets)
    {
        var given = new Dictionary<string, SourceColumn>(StringComparer.OrdinalIgnoreCase);
        if (targets is not null && targets.Count != source.Count)
        {
            throw new DeltaException(
                DeltaErrorKind.Schema,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The rows have {source.Count} columns, and {targets.Count} are wanted: {string.Join(", ", targets)}."));
        }

        for (var i = 0; i < source.Count; i++)
        {
            var name = targets?[i] ?? source[i].Name;
            if (_schema.Find(name) is not { } field)
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"The table has no column '{name}'.",
                    $"Its columns are {string.Join(", ", _schema.Fields.Select(known => known.Name))}. "
                        + "With schema evolution new columns are added.");
            }

            if (!given.TryAdd(field.Name, source[i]))
            {
                throw new DeltaException(DeltaErrorKind.Schema, $"Column '{field.Name}' is given twice.");
            }
        }

        return given;
    }
}
