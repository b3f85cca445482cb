using System.Collections;
using System.Text.Json.Nodes;

namespace Kadali.Delta.Tests.Sql;

public sealed class PrintingTests
{
    [Fact]
    public void What_is_printed_is_read_back_as_it_was()
    {
        for (var seed = 0; seed < 4000; seed++)
        {
            var command = new CommandGenerator(seed).Next();

            var printed = SparkSql.Print(command);
            DeltaCommand read;
            try
            {
                read = DeltaSqlParser.Parse(printed, escapes: true);
            }
            catch (DeltaException exception)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}: {exception.Message} at {exception.Offset} of:\n{printed}");
            }

            Assert.True(Dump(command) == Dump(read), $"Seed {seed}:\n{printed}\n{Dump(command)}\n{Dump(read)}");
        }
    }

    [Fact]
    public void A_merge_is_printed_as_spark_writes_it()
    {
        var printed = SparkSql.Print(DeltaSqlParser.Parse(
            "merge into db.t as t using s on t.id = s.id when matched and s.gone then delete when matched then update set * "
                + "when not matched by target then insert (id, n) values (s.id, 1) when not matched by source then update set t.n = 0"));

        Assert.Equal(
            "MERGE INTO `db`.`t` AS `t` USING s ON t.id = s.id WHEN MATCHED AND s.gone THEN DELETE WHEN MATCHED THEN UPDATE SET * "
                + "WHEN NOT MATCHED THEN INSERT (`id`, `n`) VALUES (s.id, 1) WHEN NOT MATCHED BY SOURCE THEN UPDATE SET `t`.`n` = 0",
            printed);
    }

    /// <summary>All that a command holds, places left out.</summary>
    private static string Dump(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        JsonObject json => json.ToJsonString(),
        SqlPart part => $"<{part.Text}>",
        IDictionary entries => "{" + string.Join(", ", entries.Keys.Cast<object>().Select(key => $"{key}: {Dump(entries[key])}")) + "}",
        IEnumerable items => "[" + string.Join(", ", items.Cast<object>().Select(Dump)) + "]",
        ValueType plain => plain.ToString()!,
        _ => value.GetType().Name + "(" + string.Join(", ", value.GetType().GetProperties()
            .Where(property => property.Name is not ("Start" or "Length" or "EqualityContract") && property.GetIndexParameters().Length == 0
                || value is IdentityDefinition)
            .Where(property => property.Name != "EqualityContract" && property.GetMethod!.IsStatic == false)
            .Select(property => $"{property.Name}: {Dump(property.GetValue(value))}")) + ")",
    };
}
