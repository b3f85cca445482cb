using System.Globalization;

namespace Kadali.Delta;

/// <content>Upkeep and questions.</content>
internal sealed partial class DeltaSqlParser
{
    private DeltaCommand.Optimize Optimize()
    {
        _cursor.Read();
        var optimize = new DeltaCommand.Optimize(_cursor.ReadTable());
        while (true)
        {
            if (_cursor.Try("FULL"))
            {
                optimize = optimize with { Full = true };
            }
            else if (_cursor.Try("WHERE"))
            {
                optimize = optimize with { Where = _cursor.ReadExpression("ZORDER") };
            }
            else if (_cursor.Try("ZORDER"))
            {
                _cursor.Expect("BY");
                optimize = optimize with { ZOrderBy = _cursor.Is("(") ? _cursor.ReadList(_cursor.ReadColumn) : ColumnsWithoutBrackets() };
            }
            else
            {
                return Ended(optimize, "FULL", "WHERE", "ZORDER BY");
            }
        }
    }

    private List<ColumnPath> ColumnsWithoutBrackets()
    {
        var columns = new List<ColumnPath> { _cursor.ReadColumn() };
        while (_cursor.Try(","))
        {
            columns.Add(_cursor.ReadColumn());
        }

        return columns;
    }

    private DeltaCommand.Vacuum Vacuum()
    {
        _cursor.Read();
        _cursor.Try("TABLE");
        var vacuum = new DeltaCommand.Vacuum(_cursor.ReadTable());
        while (true)
        {
            if (_cursor.Try("LITE"))
            {
                vacuum = vacuum with { Lite = true };
            }
            else if (_cursor.Try("FULL"))
            {
                vacuum = vacuum with { Lite = false };
            }
            else if (_cursor.Try("RETAIN"))
            {
                vacuum = vacuum with { RetainHours = ReadHours() };
            }
            else if (_cursor.Try("DRY"))
            {
                _cursor.Expect("RUN");
                vacuum = vacuum with { DryRun = true };
            }
            else
            {
                return Ended(vacuum, "LITE", "FULL", "RETAIN n HOURS", "DRY RUN");
            }
        }
    }

    private double ReadHours()
    {
        if (_cursor.Current.Kind != SqlTokenKind.Number
            || !double.TryParse(_cursor.TextOf(_cursor.Current), NumberStyles.Float, CultureInfo.InvariantCulture, out var hours))
        {
            throw _cursor.Expected("a number of hours");
        }

        _cursor.Read();
        if (!_cursor.Try("HOUR"))
        {
            _cursor.Expect("HOURS");
        }

        return hours;
    }

    private DeltaCommand.Restore Restore()
    {
        _cursor.Read();
        _cursor.Try("TABLE");
        var table = _cursor.ReadTable();
        _cursor.Try("TO");
        return Ended(new DeltaCommand.Restore(
            table, _cursor.TryReadTimeTravel() ?? throw _cursor.Expected("TO VERSION AS OF", "TO TIMESTAMP AS OF")));
    }

    private DeltaCommand.Reorg Reorg()
    {
        _cursor.Read();
        _cursor.Try("TABLE");
        var table = _cursor.ReadTable();
        SqlPart? where = _cursor.Try("WHERE") ? _cursor.ReadExpression("APPLY") : null;
        _cursor.Expect("APPLY", "(");
        if (_cursor.Is("UPGRADE"))
        {
            throw Unsupported(
                "REORG cannot prepare tables for Iceberg here.", _cursor.Current.Start, "REORG TABLE … APPLY (PURGE) is what it does.");
        }

        _cursor.Expect("PURGE", ")");
        return Ended(new DeltaCommand.Reorg(table, where));
    }

    private DeltaCommand.Fsck Fsck()
    {
        _cursor.Read();
        _cursor.Expect("REPAIR");
        _cursor.Try("TABLE");
        var table = _cursor.ReadTable();
        var dry = _cursor.Try("DRY");
        if (dry)
        {
            _cursor.Expect("RUN");
        }

        return Ended(new DeltaCommand.Fsck(table, dry), "DRY RUN");
    }

    private DeltaCommand Describe()
    {
        _cursor.Read();
        if (_cursor.Is("DETAIL") && !IsTheTable())
        {
            _cursor.Read();
            return Ended(new DeltaCommand.DescribeDetail(_cursor.ReadTable()));
        }

        if (_cursor.Is("HISTORY") && !IsTheTable())
        {
            _cursor.Read();
            var history = new DeltaCommand.DescribeHistory(_cursor.ReadTable());
            return Ended(history with { Limit = _cursor.Try("LIMIT") ? _cursor.ReadNumber("a number of versions") : null }, "LIMIT");
        }

        if (_cursor.IsAny("DATABASE", "SCHEMA") && !IsTheTable())
        {
            _cursor.Read();
            _cursor.Try("EXTENDED");
            return Ended(new DeltaCommand.DescribeDatabase(_cursor.ReadName("a database's name")));
        }

        _cursor.Try("TABLE");
        var extended = _cursor.IsAny("EXTENDED", "FORMATTED") && !IsTheTable();
        if (extended)
        {
            _cursor.Read();
        }

        var table = _cursor.ReadTable(travels: true);
        return _cursor.AtEnd
            ? new DeltaCommand.DescribeTable(table, extended)
            : Ended(new DeltaCommand.DescribeColumn(table, _cursor.ReadColumn()));
    }

    private DeltaCommand.Refresh Refresh()
    {
        _cursor.Read();
        _cursor.Expect("TABLE");
        return Ended(new DeltaCommand.Refresh(_cursor.ReadTable()));
    }

    private DeltaCommand.SetOption SetOption()
    {
        _cursor.Read();
        var (start, key) = (_cursor.Current.Start, _cursor.ReadColumn());
        _cursor.Expect("=");
        var value = _cursor.Current.Kind == SqlTokenKind.String ? _cursor.ReadString("a value") : _cursor.ReadExpression().Text;
        return Ended(new DeltaCommand.SetOption(key.ToString(), value, start));
    }

    /// <summary>Whether the word is the table's own name: nothing, or a dot, stands behind it.</summary>
    private bool IsTheTable() =>
        _cursor.Peek() is var next && (next.Kind == SqlTokenKind.End || _cursor.Is(next, ".") || _cursor.Is(next, ";"));

    private DeltaCommand Show()
    {
        _cursor.Read();
        if (_cursor.Try("DATABASES") || _cursor.Try("SCHEMAS"))
        {
            return Ended(new DeltaCommand.ShowDatabases(TryLike()), "LIKE");
        }

        if (_cursor.Try("TABLES"))
        {
            var database = _cursor.Try("IN") || _cursor.Try("FROM") ? _cursor.ReadName("a database's name") : null;
            return Ended(new DeltaCommand.ShowTables(database, TryLike()), "IN", "LIKE");
        }

        if (_cursor.Try("COLUMNS"))
        {
            if (!_cursor.Try("IN"))
            {
                _cursor.Expect("FROM");
            }

            var table = _cursor.ReadTable();
            if (_cursor.Try("IN") || _cursor.Try("FROM"))
            {
                table = table with { Parts = [_cursor.ReadName("a database's name"), .. table.Parts] };
            }

            return Ended(new DeltaCommand.ShowColumns(table));
        }

        if (_cursor.Try("PARTITIONS"))
        {
            var show = new DeltaCommand.ShowPartitions(_cursor.ReadTable());
            return Ended(_cursor.Try("PARTITION") ? show with { Only = _cursor.ReadList(PartitionValue) } : show, "PARTITION");
        }

        if (_cursor.Try("CURRENT"))
        {
            if (!_cursor.Try("DATABASE") && !_cursor.Try("SCHEMA"))
            {
                _cursor.Expect("NAMESPACE");
            }

            return Ended(new DeltaCommand.ShowCurrentDatabase());
        }

        if (_cursor.Try("TBLPROPERTIES"))
        {
            var table = _cursor.ReadTable();
            if (!_cursor.Try("("))
            {
                return Ended(new DeltaCommand.ShowProperties(table));
            }

            var key = _cursor.ReadPropertyKey();
            _cursor.Expect(")");
            return Ended(new DeltaCommand.ShowProperties(table, key));
        }

        if (_cursor.Try("CREATE"))
        {
            _cursor.Expect("TABLE");
            return Ended(new DeltaCommand.ShowCreateTable(_cursor.ReadTable()));
        }

        throw _cursor.Expected("TABLES", "DATABASES", "COLUMNS", "PARTITIONS", "TBLPROPERTIES", "CREATE TABLE");
    }

    private string? TryLike() =>
        _cursor.Try("LIKE") || _cursor.Current.Kind == SqlTokenKind.String ? _cursor.ReadString("a pattern") : null;
}
