using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>The statements about databases and about tables' names.</summary>
internal sealed class CatalogCommands(DeltaSession session, DeltaTables tables)
{
    private readonly Warehouse _warehouse = tables.Warehouse;

    /// <summary>Runs a statement; null where it is about a table's content.</summary>
    /// <param name="temporary">Other tables that SHOW TABLES is to name: those of the session.</param>
    public CommandOutput? Execute(DeltaCommand command, Func<IEnumerable<string>> temporary)
    {
        switch (command)
        {
            case DeltaCommand.CreateDatabase { Location: not null }:
                throw new DeltaException(
                    DeltaErrorKind.Unsupported, "A database lies in the warehouse's folder, and has no LOCATION of its own.");
            case DeltaCommand.CreateDatabase create:
                _warehouse.CreateDatabase(create.Name, create.IfNotExists);
                return CommandOutput.Nothing;
            case DeltaCommand.DropDatabase drop:
                _warehouse.DropDatabase(drop.Name, drop.IfExists, drop.Cascade);
                return CommandOutput.Nothing;
            case DeltaCommand.Use use:
                _warehouse.Use(use.Database);
                return CommandOutput.Nothing;
            case DeltaCommand.ShowDatabases show:
                return new(
                    [new("namespace", "VARCHAR")],
                    [.. _warehouse.Databases().Where(name => Fits(name, show.Like)).Select(name => new object?[] { name })]);
            case DeltaCommand.ShowCurrentDatabase:
                return new([new("catalog", "VARCHAR"), new("namespace", "VARCHAR")], [["spark_catalog", _warehouse.Current]]);
            case DeltaCommand.DescribeDatabase describe:
                return new(
                    [new("info_name", "VARCHAR"), new("info_value", "VARCHAR")],
                    [["Catalog Name", "spark_catalog"], ["Namespace Name", describe.Name], ["Location", _warehouse.Folder(describe.Name)]]);
            case DeltaCommand.ShowTables show:
                return Tables(show, show.Database is null ? temporary() : []);
            case DeltaCommand.DropTable drop:
                Drop(drop);
                return CommandOutput.Nothing;
            case DeltaCommand.AlterTable { Changes: [TableChange.RenameTo rename] } alter:
                session.Forget(tables.Store(_warehouse.Resolve(alter.Table)));
                _warehouse.RenameTable(alter.Table, rename.Name);
                return CommandOutput.Nothing;
            default:
                return null;
        }
    }

    private CommandOutput Tables(DeltaCommand.ShowTables show, IEnumerable<string> temporary)
    {
        var database = show.Database ?? _warehouse.Current;
        return new(
            [new("namespace", "VARCHAR"), new("tableName", "VARCHAR"), new("isTemporary", "BOOLEAN")],
            [
                .. _warehouse.Tables(database).Where(name => Fits(name, show.Like)).Select(name => new object?[] { database, name, false }),
                .. temporary.Where(name => Fits(name, show.Like)).Select(name => new object?[] { "", name, true }),
            ]);
    }

    private void Drop(DeltaCommand.DropTable drop)
    {
        if (tables.Find(drop.Table) is not { } store)
        {
            if (!drop.IfExists)
            {
                _warehouse.Resolve(drop.Table);
            }

            return;
        }

        session.Forget(store);
        _warehouse.DropTable(drop.Table);
    }

    /// <summary>Patterns as Spark's SHOW takes them: <c>*</c> for anything, <c>|</c> between several.</summary>
    private static bool Fits(string name, string? pattern) => pattern is null || pattern.Split('|').Any(one => Regex.IsMatch(
        name, $"^{Regex.Escape(one.Trim()).Replace(@"\*", ".*", StringComparison.Ordinal).Replace("%", ".*", StringComparison.Ordinal)}$",
        RegexOptions.IgnoreCase));
}
