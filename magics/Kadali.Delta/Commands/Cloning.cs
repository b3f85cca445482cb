using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>CLONE: another table with the same rows: shallow with the files of the first, deep with copies of them.</summary>
internal static class Cloning
{
    public static DeltaResult Run(
        DeltaSession session, IDeltaStorage from, Snapshot source, IDeltaStorage to, Snapshot? replaced, bool shallow,
        IReadOnlyDictionary<string, string> properties, CancellationToken cancellationToken)
    {
        ProtocolChecker.CheckRead(source.Location, source.Protocol);
        using var transaction = new DeltaTransaction(session, to, replaced);
        transaction.Reads.ReadAll();
        var configuration = new Dictionary<string, string>(source.Metadata.Configuration);
        foreach (var (key, value) in properties)
        {
            TablePropertyCheck.Check(key, value);
            configuration[key] = value;
        }

        transaction.SetMetadata(source.Metadata with
        {
            Id = Guid.NewGuid().ToString("D"), Configuration = configuration, CreatedTime = transaction.Timestamp,
        });
        transaction.SetProtocol(ProtocolUpgrade.For(source.Protocol, transaction.Metadata));
        foreach (var domain in source.Domains.Values)
        {
            transaction.Set(domain);
        }

        foreach (var file in replaced?.Files ?? Enumerable.Empty<AddFile>())
        {
            transaction.Remove(file);
        }

        var bytes = 0L;
        foreach (var file in source.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            transaction.Add(shallow ? Elsewhere(source, file) : Copy(transaction, from, file, cancellationToken));
            bytes += file.Size;
        }

        transaction.Metrics["sourceTableSize"] = bytes;
        transaction.Metrics["sourceNumOfFiles"] = source.Files.Count;
        transaction.Metrics["numCopiedFiles"] = shallow ? 0 : source.Files.Count;
        transaction.Metrics["copiedFilesSize"] = shallow ? 0 : bytes;
        var parameters = new JsonObject
        {
            ["source"] = $"delta.`{from.Root}`", ["sourceVersion"] = source.Version, ["isShallow"] = shallow,
        };
        return new(transaction.Commit("CLONE", parameters, cancellationToken), transaction.Metrics);
    }

    /// <summary>The file where it is.</summary>
    private static AddFile Elsewhere(Snapshot source, AddFile file) => file with
    {
        Path = DeltaPath.EncodeAbsolute(Absolute(source, DeltaPath.Decode(file.Path))), DataChange = true,
        DeletionVector = file.DeletionVector is { StorageType: "u" } vector
            ? vector with
            {
                StorageType = "p", PathOrInlineDv = DeltaPath.EncodeAbsolute(Absolute(source, DeletionVectorStore.PathOf(vector)!)),
            }
            : file.DeletionVector,
    };

    private static string Absolute(Snapshot source, string path) => DeltaPath.IsAbsolute(path) ? path : $"{source.Location}/{path}";

    private static AddFile Copy(DeltaTransaction transaction, IDeltaStorage from, AddFile file, CancellationToken cancellationToken)
    {
        var to = transaction.Storage;
        // A clone of a clone has files from elsewhere: they come in under a name of their own.
        var path = DeltaPath.Decode(file.Path);
        var name = path.LastIndexOf('/') + 1;

        // So do those of a table that is replaced: its older versions keep what an earlier clone brought.
        var target = DeltaPath.IsAbsolute(path) ? $"{Guid.NewGuid():D}-{path[name..]}"
            : transaction.Snapshot is null ? path
            : $"{path[..name]}{Guid.NewGuid():D}-{path[name..]}";
        File.Copy(from.ToLocal(path, cancellationToken), to.Stage(target), overwrite: false);
        var stored = to.Publish(target, cancellationToken);
        transaction.Writer.Owns(target);
        var vector = file.DeletionVector is null || file.DeletionVector.StorageType == "i"
            ? file.DeletionVector
            : DeletionVectorStore.Write(to, [DeletionVectorStore.Read(from, file.DeletionVector, cancellationToken)], cancellationToken)[0];
        return file with
        {
            Path = DeltaPath.Encode(target), Size = stored.Size, ModificationTime = stored.ModificationTime, DataChange = true,
            DeletionVector = vector,
        };
    }
}
