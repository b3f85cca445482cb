using System.Security.Cryptography;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>
/// The tables that were shown last, so that a front end can page, sort, filter and download them without running their cell again. Older
/// ones are let go: a session's memory does not grow with what it showed.
/// </summary>
public static class ShownTables
{
    /// <summary>How many tables are kept.</summary>
    public const int Kept = 24;

    private static readonly Lock Lock = new();
    private static readonly List<(string Id, ITable Table)> Tables = [];
    private static IReadOnlyList<ITableExport> _exports = [new CsvExport()];

    /// <summary>The forms in which tables can be had, for the front end.</summary>
    internal static string Formats => string.Join(' ', _exports.Select(export => export.Format));

    /// <summary>Serves the channels <c>kadali.table</c> that tables in the front end open.</summary>
    /// <param name="exports">Forms besides CSV.</param>
    public static void Serve(IComms comms, params ITableExport[] exports)
    {
        _exports = [new CsvExport(), .. exports];
        comms.Serve("kadali.table", (comm, data, _) =>
        {
            var id = data?["table"]?.ToString();
            if (Find(id) is { } table)
            {
                TableChannel.Attach(comm, table, _exports);
            }
            else
            {
                comm.Close(
                    new System.Text.Json.Nodes.JsonObject { ["error"] = "The kernel no longer has this table: run the cell again." });
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Keeps a table; the name by which the front end asks for it.</summary>
    internal static string Add(ITable table)
    {
        var id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        lock (Lock)
        {
            Tables.Add((id, table));
            if (Tables.Count > Kept)
            {
                Tables.RemoveAt(0);
            }
        }

        return id;
    }

    private static ITable? Find(string? id)
    {
        lock (Lock)
        {
            return Tables.Find(shown => shown.Id == id).Table;
        }
    }
}
