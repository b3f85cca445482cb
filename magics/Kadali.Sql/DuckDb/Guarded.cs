using System.Text.RegularExpressions;
using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>Statements that would write to the process's stdout, which belongs to the front end, or load code.</summary>
internal static partial class Guarded
{
    /// <exception cref="CellFaultException">The statement is one of them.</exception>
    public static void Check(SqlStatement statement)
    {
        if (Profiling().IsMatch(statement.Sql))
        {
            throw new CellFaultException(new(
                "KDL312", "Profiling prints to the process's own output, which nobody sees here.",
                "'#!sql --explain' shows the plan; EXPLAIN ANALYZE runs the statement and shows times."));
        }

        if (Printing().IsMatch(statement.Sql))
        {
            throw new CellFaultException(new(
                "KDL312", "The statement writes to the process's own output, which nobody sees here.", "Write to a file."));
        }

        if (Loading().IsMatch(statement.Sql))
        {
            throw new CellFaultException(new(
                "KDL312", "DuckDB's extensions are not loaded here: neither from a network nor from files.",
                "Parquet, CSV, JSON and ICU are built in."));
        }
    }

    [GeneratedRegex(
        @"^\s*(pragma|set(\s+\w+)?)\s+(enable_profil|enable_profile|profiling_|profile_output|custom_profiling)(?!\w*\s*=\s*'no_output')",
        RegexOptions.IgnoreCase)]
    private static partial Regex Profiling();

    [GeneratedRegex(
        @"'/dev/(stdout|stderr|fd/|tty)|'/proc/self/fd/|enable_progress_bar_print\s*=\s*(true|1|on)|^\s*pragma\s+enable_print_progress|"
        + @"enable_logging\b.*stdout|logging_storage\s*=\s*'stdout'|^\s*pragma\s+enable_progress_bar",
        RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Printing();

    [GeneratedRegex(
        @"^\s*(force\s+)?(install|load)\s+(?!(core_functions|parquet|json|icu|autocomplete)\b)\S|autoinstall_known_extensions\s*=|"
        + @"autoload_known_extensions\s*=|allow_community_extensions\s*=|allow_unsigned_extensions\s*=",
        RegexOptions.IgnoreCase)]
    private static partial Regex Loading();
}
