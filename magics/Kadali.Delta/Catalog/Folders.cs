namespace Kadali.Delta;

/// <summary>The folders of a warehouse, of this machine or of an object store; all paths are whole.</summary>
internal abstract class Folders
{
    private static readonly LocalFolders Local = new();

    /// <summary>Those of the store that a path is in.</summary>
    public static Folders Of(string path) => S3Storage.IsS3(path) ? new S3Folders()
        : path.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme
            && !path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? throw new DeltaException(
                DeltaErrorKind.Unsupported, $"'{path}' is in a kind of store that is not known here: '{path[..scheme]}'.",
                "Tables can be in folders of this machine and in S3 (s3://bucket/path).")
            : Local;

    /// <summary>Whether to list a folder costs next to nothing, so that names can be looked for in any spelling.</summary>
    public abstract bool AreListedFast { get; }

    public abstract bool Exists(string folder);

    /// <summary>The names of the folders right in a folder; none where it is not there.</summary>
    public abstract IEnumerable<string> Children(string folder);

    /// <summary>Of some folders those that are Delta tables.</summary>
    public virtual IEnumerable<string> Tables(string folder, IEnumerable<string> names) => names.Where(name => IsTable($"{folder}/{name}"));

    /// <summary>Whether a log is in it.</summary>
    public abstract bool IsTable(string folder);

    public abstract void Create(string folder);

    /// <summary>Removes a folder and all that is in it.</summary>
    public abstract void Delete(string folder);

    /// <exception cref="DeltaException">The store cannot do that.</exception>
    public abstract void Move(string from, string to);
}

internal sealed class LocalFolders : Folders
{
    public override bool AreListedFast => true;

    public override bool Exists(string folder) => Directory.Exists(folder);

    public override IEnumerable<string> Children(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!) : [];

    public override bool IsTable(string folder) => Directory.Exists($"{folder}/_delta_log");

    public override void Create(string folder) => Failing(folder, () => Directory.CreateDirectory(folder));

    public override void Delete(string folder) => Failing(folder, () => Directory.Delete(folder, recursive: true));

    public override void Move(string from, string to) => Failing(from, () => Directory.Move(from, to));

    private static void Failing(string what, Action change)
    {
        try
        {
            change();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DeltaException(DeltaErrorKind.Storage, $"'{what}' cannot be changed: {exception.Message}", inner: exception);
        }
    }
}

/// <summary>
/// Folders of a bucket are what the names of its objects begin with. One that is empty is an object whose name ends with a slash, as the
/// tools of S3 and Hadoop make it.
/// </summary>
internal sealed class S3Folders : Folders
{
    private const int AtOnce = 8;

    private readonly S3Client _client = new(S3Settings.Read(Environment.GetEnvironmentVariable));

    public override bool AreListedFast => false;

    public override bool Exists(string folder) => _client.Any(Place(folder) with { Key = Prefix(folder) }, CancellationToken.None);

    public override IEnumerable<string> Children(string folder)
    {
        var prefix = Prefix(folder);
        return _client.ListFolders(Place(folder).Bucket, prefix, CancellationToken.None).Select(path => path[prefix.Length..].TrimEnd('/'));
    }

    /// <summary>Each is asked by itself, several at a time: to list all that is in them would take as long as there are files.</summary>
    public override IEnumerable<string> Tables(string folder, IEnumerable<string> names) =>
        Several(() => names.AsParallel().AsOrdered().WithDegreeOfParallelism(AtOnce).Where(name => IsTable($"{folder}/{name}")).ToArray());

    public override bool IsTable(string folder) => Exists($"{folder}/_delta_log");

    public override void Create(string folder) =>
        _client.Put(Place(folder) with { Key = Prefix(folder) }, [], CancellationToken.None);

    public override void Delete(string folder)
    {
        var (bucket, prefix) = (Place(folder).Bucket, Prefix(folder));

        // The log first: what is left of a folder whose removal was broken off is no table any more.
        foreach (var part in new[] { $"{prefix}_delta_log/", prefix })
        {
            var keys = _client.List(bucket, part, "", flat: false, CancellationToken.None).Select(file => file.Path).ToArray();
            Several(() => Parallel.ForEach(
                keys, new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
                key => _client.Delete(new(bucket, key), CancellationToken.None)));
        }
    }

    public override void Move(string from, string to) => throw new DeltaException(
        DeltaErrorKind.Unsupported, $"'{from}' cannot be renamed: an object store has no folders that could move.",
        "CREATE TABLE … DEEP CLONE makes a table of the new name; DROP TABLE removes the old one.");

    private static T Several<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (AggregateException exception) when (exception.InnerException is DeltaException inner)
        {
            throw inner;
        }
    }

    private static S3Location Place(string folder) => S3Location.Parse(folder);

    private static string Prefix(string folder) => Place(folder).Key is { Length: > 0 } key ? key.TrimEnd('/') + "/" : "";
}
