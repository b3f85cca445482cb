using System.Collections.Concurrent;

namespace Kadali.Delta;

/// <summary>
/// Databases and tables by name, in the folders that Spark gives them: <c>ROOT/DATABASE.db/TABLE/_delta_log</c>, and those of the database
/// <c>default</c> right under the root. Names are of letters, digits and <c>_</c>, and their case does not matter.
/// </summary>
/// <param name="root">A folder, or a place in an object store.</param>
internal sealed class Warehouse(string root)
{
    /// <summary>The database whose tables lie right under the root.</summary>
    public const string Default = "default";

    private const string DatabaseSuffix = ".db";

    // Tables that lie elsewhere: known by name as long as this session lives, as in Spark without a metastore.
    private readonly ConcurrentDictionary<string, string> _located = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The folder of <c>KADALI_WAREHOUSE</c>, else <c>spark-warehouse</c> in the working directory, as in Spark.</summary>
    public static Warehouse FromEnvironment() => new(
        Environment.GetEnvironmentVariable("KADALI_WAREHOUSE") is { Length: > 0 } given ? given : Path.GetFullPath("spark-warehouse"));

    public string Root { get; } = root.Length > 1 ? root.TrimEnd('/') : root;

    /// <summary>The database that is meant where a name has none.</summary>
    public string Current { get; private set; } = Default;

    private Folders Store => field ??= Folders.Of(Root);

    /// <summary>Whether each look at it goes over a network.</summary>
    public bool IsRemote => !Store.AreListedFast;

    /// <summary>Whether the folder is there; one of an object store is, since it needs no making.</summary>
    public bool Exists => IsRemote || Store.Exists(Root);

    /// <summary>The databases, <c>default</c> among them.</summary>
    public IReadOnlyList<string> Databases() =>
    [
        .. Store.Children(Root).Where(name => name.EndsWith(DatabaseSuffix, StringComparison.OrdinalIgnoreCase) && IsName(name[..^3]))
            .Select(name => name[..^3]).Append(Default).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>The Delta tables of a database.</summary>
    /// <exception cref="DeltaException">There is no such database.</exception>
    public IReadOnlyList<string> Tables(string? database = null)
    {
        var folder = Database(database ?? Current);
        var prefix = $"{database ?? Current}.";
        return
        [
            .. Store.Tables(folder, Store.Children(folder).Where(IsName))
                .Concat(_located.Keys.Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                    .Select(name => name[prefix.Length..]))
                .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>The folder of a table; null where a name stands for none. Two or three probes of the store.</summary>
    public string? Find(TableRef table)
    {
        if (table.Path is { } path)
        {
            return path;
        }

        if (Split(table) is not { } name || !IsName(name.Database) || !IsName(name.Table))
        {
            return null;
        }

        if (_located.TryGetValue($"{name.Database}.{name.Table}", out var located))
        {
            return located;
        }

        return FindDatabase(name.Database) is { } database && Child(database, name.Table) is { } folder && Store.IsTable(folder)
            ? folder : null;
    }

    /// <summary>The folder of a table that has to be there.</summary>
    /// <exception cref="DeltaException">There is none of that name; the message names the nearest.</exception>
    public string Resolve(TableRef table)
    {
        if (Find(table) is { } folder)
        {
            return folder;
        }

        var name = Split(table) ?? throw TooLong(table);
        var near = Spelling.Nearest(name.Table, Tables(name.Database));
        throw new DeltaException(
            DeltaErrorKind.NotFound, $"There is no Delta table '{table}' in the warehouse '{Root}'.",
            near is null ? "SHOW TABLES lists them; a table elsewhere is delta.`path`."
                : $"Did you mean '{(table.Parts.Count > 1 ? $"{name.Database}.{near}" : near)}'?")
        {
            Offset = table.Start,
        };
    }

    /// <summary>The folder that a new table gets.</summary>
    /// <param name="location">Where its author wants it, or null.</param>
    /// <exception cref="DeltaException">The name cannot be a table's, or the database does not exist.</exception>
    public string Place(TableRef table, string? location = null)
    {
        if (table.Path is { } path)
        {
            return location is null ? path : throw new DeltaException(
                DeltaErrorKind.Argument, "A table by its path cannot have a LOCATION too.") { Offset = table.Start };
        }

        var name = Split(table) ?? throw TooLong(table);
        CheckName("table", name.Table, table.Start);
        var database = Database(name.Database);
        return location ?? Child(database, name.Table) ?? $"{database}/{name.Table.ToLowerInvariant()}";
    }

    /// <summary>Gives a name to a table that lies where its author wanted it.</summary>
    /// <exception cref="DeltaException">As for <see cref="Place"/>.</exception>
    public void Register(TableRef table, string location)
    {
        Place(table, location);
        var name = Split(table)!.Value;
        _located[$"{name.Database}.{name.Table}"] = location;
    }

    /// <summary>Takes the name, and with it the folder unless its author placed it elsewhere.</summary>
    public void DropTable(TableRef table)
    {
        var folder = Resolve(table);
        if (table.Path is null && _located.TryRemove($"{Split(table)!.Value.Database}.{Split(table)!.Value.Table}", out _))
        {
            return;
        }

        Folders.Of(folder).Delete(folder);
    }

    /// <summary>Gives a table of the warehouse another name.</summary>
    public void RenameTable(TableRef table, TableRef to)
    {
        var from = Resolve(table);
        if (table.Path is not null || to.Path is not null)
        {
            throw new DeltaException(DeltaErrorKind.Argument, "A table by its path has no name to change.") { Offset = table.Start };
        }

        if (Find(to) is not null)
        {
            throw new DeltaException(DeltaErrorKind.AlreadyExists, $"There is a table '{to}' already.") { Offset = to.Start };
        }

        var old = Split(table)!.Value;
        if (_located.TryRemove($"{old.Database}.{old.Table}", out var located))
        {
            Register(to, located);
            return;
        }

        Store.Move(from, Place(to));
    }

    /// <summary>Makes a database.</summary>
    /// <exception cref="DeltaException">There is one already, or the name cannot be a database's.</exception>
    public void CreateDatabase(string name, bool ifNotExists)
    {
        CheckName("database", name, null);
        if (FindDatabase(name) is not null)
        {
            if (!ifNotExists)
            {
                throw new DeltaException(DeltaErrorKind.AlreadyExists, $"There is a database '{name}' already.");
            }

            return;
        }

        Store.Create($"{Root}/{name.ToLowerInvariant()}{DatabaseSuffix}");
    }

    /// <summary>Removes a database; its tables too where <paramref name="cascade"/> is true.</summary>
    public void DropDatabase(string name, bool ifExists, bool cascade)
    {
        if (name.Equals(Default, StringComparison.OrdinalIgnoreCase))
        {
            throw new DeltaException(DeltaErrorKind.Argument, "The database 'default' cannot be dropped.");
        }

        if (FindDatabase(name) is null && ifExists)
        {
            return;
        }

        var folder = Database(name);
        if (!cascade && Tables(name) is { Count: > 0 } tables)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument, $"The database '{name}' has {tables.Count} tables, '{tables[0]}' among them.",
                "CASCADE drops them too.");
        }

        Store.Delete(folder);
        if (Current.Equals(name, StringComparison.OrdinalIgnoreCase))
        {
            Current = Default;
        }
    }

    /// <summary>Where a database lies.</summary>
    /// <exception cref="DeltaException">There is no such database.</exception>
    public string Folder(string database) => Database(database);

    /// <summary>Whether there is such a database.</summary>
    public bool HasDatabase(string name) => IsName(name) && FindDatabase(name) is not null;

    /// <summary>Names without a database are of this one from now on.</summary>
    /// <exception cref="DeltaException">There is no such database.</exception>
    public void Use(string database)
    {
        Database(database);
        Current = database;
    }

    private static bool IsName(string name) => name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    private static void CheckName(string what, string name, int? offset)
    {
        if (!IsName(name))
        {
            throw new DeltaException(
                DeltaErrorKind.Argument, $"'{name}' cannot be the name of a {what}.", "Letters, digits and _ make a name, as in Spark.")
            {
                Offset = offset,
            };
        }
    }

    private static DeltaException TooLong(TableRef table) => new(
        DeltaErrorKind.NotFound, $"'{table}' names no table: a name has a database and a table at most.") { Offset = table.Start };

    private (string Database, string Table)? Split(TableRef table) => table.Parts switch
    {
        [var name] => (Current, name),
        [var database, var name] => (database, name),
        ["spark_catalog", var database, var name] => (database, name),
        _ => null,
    };

    private string Database(string name) => FindDatabase(name) ?? throw new DeltaException(
        DeltaErrorKind.NotFound, $"There is no database '{name}' in the warehouse '{Root}'.",
        Spelling.Nearest(name, Databases()) is { } near ? $"Did you mean '{near}'?" : $"CREATE DATABASE {name} makes it.");

    private string? FindDatabase(string name) => name.Equals(Default, StringComparison.OrdinalIgnoreCase) ? Root
        : IsName(name) ? Child(Root, name + DatabaseSuffix) : null;

    /// <summary>
    /// A folder in another, whatever the case of its name; Spark writes small letters, and in object stores no others are found.
    /// </summary>
    private string? Child(string folder, string name)
    {
        var lower = $"{folder}/{name.ToLowerInvariant()}";
        if (Store.Exists(lower))
        {
            return lower;
        }

        return Store.AreListedFast
            && Store.Children(folder).FirstOrDefault(child => child.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found
                ? $"{folder}/{found}" : null;
    }
}
