namespace Kadali.Delta;

/// <summary>How S3 is reached: from the environment and the files that every AWS tool reads.</summary>
/// <param name="Endpoint">Of a store other than Amazon's, which is asked by path; null for Amazon's.</param>
internal sealed record S3Settings(Uri? Endpoint, string Region, S3Credentials Credentials)
{
    /// <summary>Reads <c>AWS_ACCESS_KEY_ID</c> and its like, and then the profile in <c>~/.aws</c>.</summary>
    /// <param name="variable">The environment.</param>
    /// <exception cref="DeltaException">There are no keys.</exception>
    public static S3Settings Read(Func<string, string?> variable)
    {
        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aws");
        var profile = variable("AWS_PROFILE") ?? "default";
        var keys = Section(variable("AWS_SHARED_CREDENTIALS_FILE") ?? Path.Combine(home, "credentials"), profile);
        var settings = Section(
            variable("AWS_CONFIG_FILE") ?? Path.Combine(home, "config"), profile == "default" ? profile : $"profile {profile}");
        var endpoint = variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL") ?? settings.GetValueOrDefault("endpoint_url");
        return new(
            endpoint is null ? null : ReadEndpoint(endpoint),
            variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? settings.GetValueOrDefault("region") ?? "us-east-1",
            Keys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", variable)
                ?? Keys("aws_access_key_id", "aws_secret_access_key", "aws_session_token", keys.GetValueOrDefault)
                ?? throw new DeltaException(
                    DeltaErrorKind.Storage, "There are no keys for S3.",
                    $"Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them to the profile '{profile}' of ~/.aws/credentials."));
    }

    private static Uri ReadEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https" && endpoint.UserInfo.Length == 0
            ? endpoint
            : throw new DeltaException(
                DeltaErrorKind.Argument, "AWS_ENDPOINT_URL is no address of a store.", "Write for instance 'http://127.0.0.1:9000'.");

    private static S3Credentials? Keys(string access, string secret, string token, Func<string, string?> value) =>
        value(access) is { Length: > 0 } accessKey && value(secret) is { Length: > 0 } secretKey
            ? new(accessKey, secretKey, value(token) is { Length: > 0 } session ? session : null)
            : null;

    private static Dictionary<string, string> Section(string file, string name)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(file))
        {
            return values;
        }

        var inside = false;
        foreach (var line in File.ReadLines(file).Select(line => line.Trim()))
        {
            if (line is ['[', .. var title, ']'])
            {
                inside = title.Trim() == name;
            }
            else if (inside && line.IndexOf('=') is > 0 and var at && line[0] is not ('#' or ';'))
            {
                values[line[..at].Trim()] = line[(at + 1)..].Trim();
            }
        }

        return values;
    }
}
