using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>A column as <c>CREATE TABLE</c> and <c>ADD COLUMNS</c> define it.</summary>
internal sealed record ColumnDefinition(string Name, DeltaType Type)
{
    public bool Nullable { get; init; } = true;

    public string? Comment { get; init; }

    public SqlPart? Default { get; init; }

    /// <summary>The expression of <c>GENERATED ALWAYS AS (…)</c>.</summary>
    public SqlPart? Generated { get; init; }

    public IdentityDefinition? Identity { get; init; }

    /// <summary><c>char(n)</c> or <c>varchar(n)</c> where the type is a string of limited length.</summary>
    public string? LimitedString { get; init; }

    /// <summary>The field of the schema, with the metadata that Delta keeps of all this.</summary>
    public StructField ToField()
    {
        var metadata = new JsonObject();
        Put("comment", Comment);
        Put("CURRENT_DEFAULT", Default?.Text);
        Put("delta.generationExpression", Generated?.Text);
        Put(StringLimit, LimitedString);
        if (Identity is { } identity)
        {
            Put("delta.identity.start", identity.Start);
            Put("delta.identity.step", identity.Step);
            Put("delta.identity.allowExplicitInsert", identity.AllowsExplicit);
        }

        return new(Name, Type, Nullable, metadata);

        void Put<T>(string key, T? value)
        {
            if (value is not null)
            {
                metadata[key] = JsonValue.Create(value);
            }
        }
    }

    /// <summary>Where Spark keeps <see cref="LimitedString"/>.</summary>
    internal const string StringLimit = "__CHAR_VARCHAR_TYPE_STRING";
}

/// <summary><c>GENERATED { ALWAYS | BY DEFAULT } AS IDENTITY</c></summary>
/// <param name="AllowsExplicit">Whether statements may give values themselves (<c>BY DEFAULT</c>).</param>
internal sealed record IdentityDefinition(long Start = 1, long Step = 1, bool AllowsExplicit = false);

/// <summary>A <c>CHECK</c> constraint.</summary>
internal sealed record CheckDefinition(string Name, SqlPart Expression);

/// <summary>Where a column goes.</summary>
/// <param name="After">The column before it, or null for the first place.</param>
internal sealed record ColumnPosition(string? After);
