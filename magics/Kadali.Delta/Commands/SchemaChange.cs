using System.Globalization;

namespace Kadali.Delta;

/// <summary>Stages another schema for a table.</summary>
internal static class SchemaChange
{
    /// <summary>Sets the schema, with ids for columns that are new where the table has column mapping.</summary>
    /// <param name="partitionColumns">Where their names change, too.</param>
    public static void Stage(DeltaTransaction transaction, DeltaType.Struct schema, IReadOnlyList<string>? partitionColumns = null)
    {
        var metadata = partitionColumns is null ? transaction.Metadata : transaction.Metadata with { PartitionColumns = partitionColumns };
        if (schema.Equals(SchemaJson.Read(metadata.SchemaString)))
        {
            return;
        }

        SchemaCheck.Check(schema, metadata.PartitionColumns);
        var properties = new TableProperties(metadata.Configuration);
        SchemaCheck.CheckNames(schema, properties);
        var configuration = metadata.Configuration;
        if (new ColumnMapping(properties).IsOn)
        {
            var last = (int)properties.Number(ColumnMappingIds.MaximumKey, 0);
            schema = ColumnMappingIds.Assign(schema, keepsNames: false, ref last);
            configuration = new Dictionary<string, string>(configuration)
            {
                [ColumnMappingIds.MaximumKey] = last.ToString(CultureInfo.InvariantCulture),
            };
        }

        transaction.SetMetadata(metadata with { SchemaString = SchemaJson.Write(schema), Configuration = configuration });
    }
}
