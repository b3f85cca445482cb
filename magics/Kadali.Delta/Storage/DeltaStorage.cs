namespace Kadali.Delta;

/// <summary>Finds the store of a table by its location.</summary>
internal static class DeltaStorage
{
    /// <param name="location">A folder of this machine, a <c>file:</c> URI, or <c>s3://bucket/path</c>.</param>
    /// <exception cref="DeltaException">No such kind of store is known here, or there are no keys for it.</exception>
    public static IDeltaStorage Open(string location)
    {
        if (S3Storage.IsS3(location))
        {
            return new S3Storage(location, S3Settings.Read(Environment.GetEnvironmentVariable), FileCache.Default);
        }

        var scheme = location.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 || location.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? new LocalStorage(location)
            : throw new DeltaException(
                DeltaErrorKind.Unsupported, $"'{location}' is in a kind of store that is not known here: '{location[..scheme]}'.",
                "Tables can be in folders of this machine and in S3 (s3://bucket/path).");
    }
}
