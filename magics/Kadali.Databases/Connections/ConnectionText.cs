using System.Data.Common;
using Kadali.Cells;
using Kadali.Formatting;
using MySqlConnector;
using Npgsql;

namespace Kadali.Databases;

/// <summary>
/// What readers write as a connection (a URL, a connection string, a file) in the form of the driver, with the password put in.
/// </summary>
internal static class ConnectionText
{
    private const int Seconds = 15;

    public static string Postgres(string text, string? password) => Built(
        () => new NpgsqlConnectionStringBuilder { Timeout = Seconds },
        text, password, "Host", "Database", "Username", "Password", "Port",
        builder => { builder.ApplicationName ??= "Kadali"; builder.Pooling = false; builder.IncludeErrorDetail = true; });

    public static string MySql(string text, string? password) => Built(
        () => new MySqlConnectionStringBuilder { ConnectionTimeout = Seconds },
        text, password, "Server", "Database", "User ID", "Password", "Port",
        builder =>
        {
            builder.AllowUserVariables = true;
            builder.ConvertZeroDateTime = true;
            builder.GuidFormat = MySqlGuidFormat.None;
            builder.Pooling = false;
        });

    /// <summary>The password of an option, which <c>@password</c> hides.</summary>
    public static string? Password(MagicArguments arguments) => arguments.Value("password") switch
    {
        PasswordString secret => secret.GetClearTextPassword(),
        var given => given?.ToString(),
    };

    private static string Built<T>(
        Func<T> make, string text, string? password, string host, string database, string user, string secret,
        string port, Action<T> finish)
        where T : DbConnectionStringBuilder
    {
        var builder = make();
        try
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && text.Contains("://", StringComparison.Ordinal))
            {
                builder[host] = url.Host;
                if (url.Port > 0)
                {
                    builder[port] = url.Port;
                }

                if (url.AbsolutePath.Trim('/') is { Length: > 0 } name)
                {
                    builder[database] = Uri.UnescapeDataString(name);
                }

                var parts = url.UserInfo.Split(':', 2);
                if (parts[0].Length > 0)
                {
                    builder[user] = Uri.UnescapeDataString(parts[0]);
                }

                if (parts.Length > 1)
                {
                    builder[secret] = Uri.UnescapeDataString(parts[1]);
                }

                foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
                    .Select(pair => pair.Split('=', 2)))
                {
                    builder[pair[0] == "sslmode" ? "SSL Mode" : Uri.UnescapeDataString(pair[0])] =
                        Uri.UnescapeDataString(pair.ElementAtOrDefault(1) ?? "");
                }
            }
            else
            {
                foreach (KeyValuePair<string, object> pair in new DbConnectionStringBuilder { ConnectionString = text })
                {
                    builder[pair.Key] = pair.Value;
                }
            }

            if (password is not null)
            {
                builder[secret] = password;
            }

            finish(builder);
            return builder.ConnectionString;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Its own message may repeat what was written, a password with it.
            throw new CellFaultException(new(
                "KDL105", "The connection cannot be read: it is neither a URL nor a connection string of this database.",
                "For instance 'postgres://user@host:5432/database' or 'Host=host;Username=user;Database=database'; "
                    + "'--password @password' asks for the password."));
        }
    }
}
