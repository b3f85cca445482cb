using Kadali.Cells;
using Kadali.Sql;
using Microsoft.Data.Sqlite;

namespace Kadali.Databases;

/// <summary>The databases that <c>#!connect</c> knows; each connection is a magic <c>#!sql-NAME</c>.</summary>
public static class Connectors
{
    /// <param name="variables">The session's C# variables.</param>
    public static IEnumerable<IConnector> All(IVariables variables)
    {
        MagicOption file = new("file", "The database's file; made where there is none.", "FILE") { Required = true, Implicit = true };
        MagicOption connection = new("connection", "A URL or a connection string.", "CONNECTION") { Required = true, Implicit = true };
        MagicOption password = new("password", "The password: '@password' asks for it, so that it stands nowhere.", "PASSWORD");
        return
        [
            new Connector(
                variables, new("duckdb", "Connects a DuckDB file.", null)
                {
                    Options = [file],
                    Examples = [("#!connect duckdb --kernel-name sales \"sales.duckdb\"", "'#!sql-sales' cells run on it")],
                },
                (_, arguments, token) => DuckDbAsync(arguments, variables, token)),
            new Connector(
                variables, new("sqlite", "Connects a SQLite file.", null)
                {
                    Options = [file], Examples = [("#!connect sqlite --kernel-name shop \"shop.db\"", "'#!sql-shop' cells run on it")],
                },
                (name, arguments, token) => OpenAsync(new SqliteEngine(name, Sqlite(arguments.Text("file")!)), token)),
            new Connector(
                variables, new("postgres", "Connects a PostgreSQL database.", null)
                {
                    Options = [connection, password],
                    Examples = Examples("postgres"),
                },
                (name, arguments, token) => OpenAsync(
                    new PostgresEngine(name, ConnectionText.Postgres(arguments.Text("connection")!, ConnectionText.Password(arguments))),
                    token)),
            MySql("mysql", "MySQL"),
            MySql("mariadb", "MariaDB"),
        ];

        Connector MySql(string kind, string product) => new(
            variables, new(kind, $"Connects a {product} database.", null)
            {
                Options = [connection, password],
                Examples = Examples(kind),
            },
            (name, arguments, token) => OpenAsync(
                new MySqlEngine(name, product, ConnectionText.MySql(arguments.Text("connection")!, ConnectionText.Password(arguments))),
                token));
    }

    private static (string, string)[] Examples(string kind) =>
    [
        ($"#!connect {kind} --kernel-name crm \"{kind}://ada@db.example.org/crm\" --password @password", "'#!sql-crm' cells run on it"),
    ];

    private static string Sqlite(string text) => text.Contains('=', StringComparison.Ordinal)
        ? text : new SqliteConnectionStringBuilder { DataSource = text, Pooling = false }.ConnectionString;

    private static async Task<ISqlEngine> DuckDbAsync(MagicArguments arguments, IVariables variables, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(arguments.Text("file")!);
        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            throw new CellFaultException(new(
                "KDL305", $"There is no folder '{Path.GetDirectoryName(file)}' for the database '{Path.GetFileName(file)}'.",
                "A database file is made where there is none; its folder has to be there.", arguments.Place("file")));
        }

        var engine = new DuckDbEngine(new DuckDbSession(file), variables);
        try
        {
            await engine.OpenAsync(cancellationToken);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private static async Task<ISqlEngine> OpenAsync(AdoEngine engine, CancellationToken cancellationToken)
    {
        await engine.ConnectAsync(cancellationToken);
        return engine;
    }

    private sealed class Connector(
        IVariables variables, MagicSyntax syntax, Func<string, MagicArguments, CancellationToken, Task<ISqlEngine>> open) : IConnector
    {
        public MagicSyntax Syntax => syntax;

        public async Task<IMagic> ConnectAsync(string kernelName, MagicArguments arguments, CancellationToken cancellationToken) =>
            new SqlMagic(await open(kernelName, arguments, cancellationToken), variables, "sql-" + kernelName);

        // A name of a connection has its own beginning: it never meets a magic of Kadali's.
        public bool MayReplace(IMagic magic) => true;
    }
}
