namespace Kadali.Delta;

/// <summary>Chooses the store of a table by its path.</summary>
internal static class TableStorage
{
    /// <param name="folder">A folder of this machine as its user writes it, a <c>file:</c> URI, or <c>s3://bucket/path</c>.</param>
    /// <exception cref="DeltaException">The path is of a store that is not known here, or there are no keys for it.</exception>
    public static IDeltaStorage Open(string folder)
    {
        if (S3Storage.IsS3(folder))
        {
            return new S3Storage(folder, S3Settings.Read(Environment.GetEnvironmentVariable), FileCache.Default);
        }

        var scheme = folder.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 || folder.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? new LocalStorage(folder)
            : throw new DeltaException(
                DeltaErrorKind.Unsupported, $"'{folder}' is in a kind of store that is not known here: '{folder[..scheme]}'.",
                "Tables can be in folders of this machine and in S3 (s3://bucket/path).");
    }
}
