namespace Kadali.Delta;

/// <summary>A table in a bucket of S3, or of a store that speaks its language and knows conditional writes.</summary>
internal sealed class S3Storage : IDeltaStorage, IDisposable
{
    private const string Log = "_delta_log/";

    private readonly S3Client _client;
    private readonly S3Location _root;
    private readonly FileCache _cache;
    private readonly string _store;
    private string? _stage;

    /// <param name="root"><c>s3://bucket/path</c>; <c>s3a</c>, as Spark says, is the same.</param>
    public S3Storage(string root, S3Settings settings, FileCache cache)
    {
        Root = root.TrimEnd('/');
        _root = S3Location.Parse(Root);
        (_client, _cache) = (new(settings), cache);
        _store = settings.Endpoint?.Authority ?? "";
    }

    public string Root { get; }

    public static bool IsS3(string location) => location.StartsWith("s3://", StringComparison.OrdinalIgnoreCase)
        || location.StartsWith("s3a://", StringComparison.OrdinalIgnoreCase)
        || location.StartsWith("s3n://", StringComparison.OrdinalIgnoreCase);

    public IEnumerable<StoredFile> List(string folder, string from, CancellationToken cancellationToken)
    {
        var at = Place(folder);
        var prefix = at.Key.Length == 0 ? "" : at.Key + "/";

        // A listing begins after a key, so that one just before the first is named; what lies between is passed over.
        var after = from.Length == 0 ? "" : prefix + from[..^1] + (from[^1] > ' ' ? (char)(from[^1] - 1) + "~" : "");
        // S3 orders by UTF-8, which is another order for letters beyond the basic plane only; page after page is fetched as it is asked
        // for.
        return _client.List(at.Bucket, prefix, after, flat: true, cancellationToken)
            .Select(file => file with { Path = Inside(folder, file.Path[prefix.Length..]) })
            .Where(file => file.Name.Length > 0 && string.CompareOrdinal(file.Name, from) >= 0);
    }

    public IEnumerable<StoredFile> ListTree(string folder, CancellationToken cancellationToken)
    {
        var at = Place(folder);
        var prefix = at.Key.Length == 0 ? "" : at.Key + "/";
        return _client.List(at.Bucket, prefix, "", flat: false, cancellationToken)
            .Where(file => !file.Path.EndsWith('/')).Select(file => file with { Path = Inside(folder, file.Path[prefix.Length..]) });
    }

    public bool Exists(string path) => _client.Head(Place(path), CancellationToken.None) is not null;

    public StoredFile? Find(string path) =>
        _client.Head(Place(path), CancellationToken.None) is { } stored
            ? new(path, stored.Length, stored.Modified.ToUnixTimeMilliseconds()) : null;

    public byte[]? TryRead(string path, CancellationToken cancellationToken) => _client.Get(Place(path), null, cancellationToken);

    public byte[] ReadRange(string path, long offset, int count, CancellationToken cancellationToken) => count == 0
        ? []
        : _client.Get(Place(path), (offset, offset + count - 1), cancellationToken) ?? throw Missing(path);

    public bool TryWriteNew(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken, bool durable = true) =>
        _client.TryPutNew(Place(path), content, cancellationToken);

    public void Write(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken) =>
        _client.Put(Place(path), content, cancellationToken);

    public void Delete(string path) => _client.Delete(Place(path), CancellationToken.None);

    public string ToLocal(string path, CancellationToken cancellationToken)
    {
        var at = Place(path);
        return _cache.Get(NameInCache(path, at, cancellationToken), file =>
        {
            if (!_client.Download(at, file, cancellationToken))
            {
                throw Missing(path);
            }
        });
    }

    public IReadOnlyList<string> ToLocal(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        const int AtOnce = 8;
        var files = new string[paths.Count];
        try
        {
            Parallel.For(
                0, files.Length, new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                i => files[i] = ToLocal(paths[i], cancellationToken));
        }
        catch (AggregateException exception) when (exception.InnerException is DeltaException inner)
        {
            throw inner;
        }

        return files;
    }

    public string Stage(string path)
    {
        _stage ??= Directory.CreateTempSubdirectory("kadali-s3-").FullName;
        var file = Path.Combine(_stage, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return file;
    }

    public StoredFile Publish(string path, CancellationToken cancellationToken)
    {
        var file = Stage(path);
        var at = Place(path);
        var length = new FileInfo(file).Length;
        _client.Upload(at, file, cancellationToken);

        // What was just written is often what is read next.
        _cache.Add(NameInCache(path, at, cancellationToken), file);
        File.Delete(file);
        return new(path, length, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    public void Dispose()
    {
        if (_stage is not null && Directory.Exists(_stage))
        {
            Directory.Delete(_stage, recursive: true);
        }
    }

    // Files of the log can be written again under their name.
    private string NameInCache(string path, S3Location at, CancellationToken cancellationToken) =>
        path.StartsWith(Log, StringComparison.Ordinal)
            ? $"{_store}/{at.Bucket}/{(_client.Head(at, cancellationToken) ?? throw Missing(path)).Tag}/{at.Key}"
            : $"{_store}/{at.Bucket}/{at.Key}";

    private S3Location Place(string path)
    {
        if (IsS3(path))
        {
            return S3Location.Parse(path);
        }

        return DeltaPath.IsAbsolute(path) || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? throw new DeltaException(
                DeltaErrorKind.Unsupported, $"'{path}' is in another store than its table '{Root}', which cannot be read here.")
            : _root with { Key = Inside(_root.Key, path).TrimEnd('/') };
    }

    private static string Inside(string folder, string path) => folder.Length == 0 ? path : $"{folder.TrimEnd('/')}/{path}";

    private DeltaException Missing(string path) =>
        new(DeltaErrorKind.NotFound, $"There is no file '{(DeltaPath.IsAbsolute(path) ? path : $"{Root}/{path}")}'.");
}
