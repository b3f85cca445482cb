using System.Buffers.Binary;
using System.IO.Hashing;

namespace Kadali.Delta;

/// <summary>Deletion vectors in files and in the log (Delta protocol, "Deletion Vector File Storage Format").</summary>
internal static class DeletionVectorStore
{
    private const byte FormatVersion = 1;

    // No file has so many rows, and a bit for each would not fit into memory.
    private const long MostRows = 1L << 34;

    /// <summary>The positions of a file's deleted rows.</summary>
    /// <exception cref="DeltaException">The vector is missing, damaged, or of a kind that is not known here.</exception>
    public static RoaringBitmapArray Read(IDeltaStorage storage, DeletionVectorDescriptor descriptor, CancellationToken cancellationToken)
    {
        var name = descriptor.StorageType == "i" ? "The inline deletion vector" : $"The deletion vector in '{PathOf(descriptor)}'";
        try
        {
            var bitmap = RoaringBitmapArray.Read(descriptor.StorageType == "i"
                ? Inline(descriptor)
                : FromFile(storage, descriptor, cancellationToken));
            return bitmap.Cardinality != descriptor.Cardinality
                ? throw new FormatException($"It has {bitmap.Cardinality} rows, and the log says {descriptor.Cardinality}.")
                : bitmap.Maximum > MostRows ? throw new FormatException($"There is no row {bitmap.Maximum}.") : bitmap;
        }
        catch (FormatException exception)
        {
            throw new DeltaException(
                DeltaErrorKind.Corrupt, $"{name} of the table at '{storage.Root}' is damaged: {exception.Message}",
                "Versions from before the rows were deleted can be read.", exception);
        }
    }

    /// <summary>Writes the vectors of one commit into one file.</summary>
    public static IReadOnlyList<DeletionVectorDescriptor> Write(
        IDeltaStorage storage, IReadOnlyList<RoaringBitmapArray> vectors, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        using var file = new MemoryStream();
        file.WriteByte(FormatVersion);
        var descriptors = new List<DeletionVectorDescriptor>();
        Span<byte> word = stackalloc byte[4];
        foreach (var vector in vectors)
        {
            var bytes = vector.ToBytes();
            descriptors.Add(new("u", Z85.Encode(id.ToByteArray(bigEndian: true)), checked((int)file.Position), bytes.Length,
                vector.Cardinality));
            BinaryPrimitives.WriteInt32BigEndian(word, bytes.Length);
            file.Write(word);
            file.Write(bytes);
            BinaryPrimitives.WriteUInt32BigEndian(word, Crc32.HashToUInt32(bytes));
            file.Write(word);
        }

        var path = PathOf(descriptors[0])!;
        var local = storage.Stage(path);
        try
        {
            File.WriteAllBytes(local, file.GetBuffer().AsSpan(0, (int)file.Length));
        }
        catch (IOException exception)
        {
            throw new DeltaException(DeltaErrorKind.Storage, $"'{local}' cannot be written: {exception.Message}", inner: exception);
        }

        // Like a data file, under its own name from the beginning: nobody knows it yet, and VACUUM finds it if this is as far as it comes.
        storage.Publish(path, cancellationToken);
        return descriptors;
    }

    /// <summary>The file of a vector, as the store names it; null for an inline one.</summary>
    /// <exception cref="DeltaException">The kind is not known here.</exception>
    public static string? PathOf(DeletionVectorDescriptor descriptor)
    {
        switch (descriptor.StorageType)
        {
            case "i":
                return null;
            case "p":
                return DeltaPath.Decode(descriptor.PathOrInlineDv);
            case "u":
                var text = descriptor.PathOrInlineDv;
                return $"{(text.Length > 20 ? text[..^20] + "/" : "")}deletion_vector_{Id(text):D}.bin";
            default:
                throw new DeltaException(
                    DeltaErrorKind.Unsupported,
                    $"A deletion vector is stored in a way that is not known here: '{descriptor.StorageType}'.");
        }
    }

    private static Guid Id(string text)
    {
        try
        {
            if (text.Length >= 20 && Z85.Decode(text.AsSpan(text.Length - 20)) is { Length: 16 } bytes)
            {
                return new(bytes, bigEndian: true);
            }
        }
        catch (FormatException)
        {
            // No more than any other wrong text.
        }

        throw new DeltaException(DeltaErrorKind.Corrupt, $"The log names a deletion vector '{text}', which is no file.");
    }

    private static byte[] Inline(DeletionVectorDescriptor descriptor)
    {
        var bytes = Z85.Decode(descriptor.PathOrInlineDv);
        return descriptor.SizeInBytes >= 0 && bytes.Length >= descriptor.SizeInBytes
            ? bytes[..descriptor.SizeInBytes]
            : throw new FormatException("It is shorter than the log says.");
    }

    private static byte[] FromFile(IDeltaStorage storage, DeletionVectorDescriptor descriptor, CancellationToken cancellationToken)
    {
        if (descriptor.SizeInBytes is < 0 or > int.MaxValue - 8 || descriptor.Offset < 0)
        {
            throw new FormatException("The log says that it has no size, or no place.");
        }

        var path = PathOf(descriptor)!;
        if (descriptor.StorageType == "u" && !storage.Exists(path))
        {
            path = Prefixed(storage, path, cancellationToken) ?? path;
        }

        var bytes = storage.ReadRange(path, descriptor.Offset ?? 1, descriptor.SizeInBytes + 8, cancellationToken);
        if (bytes.Length < descriptor.SizeInBytes + 8 || BinaryPrimitives.ReadInt32BigEndian(bytes) != descriptor.SizeInBytes)
        {
            throw new FormatException("Its size is another than the log says.");
        }

        var data = bytes.AsSpan(4, descriptor.SizeInBytes);
        return Crc32.HashToUInt32(data) == BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 + descriptor.SizeInBytes))
            ? data.ToArray()
            : throw new FormatException("Its checksum does not fit.");
    }

    /// <summary>Spark can be told to put something before the names of its files, which the log then does not tell.</summary>
    private static string? Prefixed(IDeltaStorage storage, string path, CancellationToken cancellationToken)
    {
        var slash = path.LastIndexOf('/');
        return storage.List(slash < 0 ? "" : path[..slash], "", cancellationToken)
            .FirstOrDefault(file => file.Name.EndsWith(path[(slash + 1)..], StringComparison.Ordinal))?.Path;
    }
}
