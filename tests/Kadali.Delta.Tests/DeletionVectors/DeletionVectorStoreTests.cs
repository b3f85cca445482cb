namespace Kadali.Delta.Tests.DeletionVectors;

public sealed class DeletionVectorStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalStorage _storage;

    public DeletionVectorStoreTests() => _storage = new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_vectors_of_a_commit_share_a_file()
    {
        var descriptors = DeletionVectorStore.Write(_storage, [Of(1, 5), Of(7), Of(0, 1L << 33)], default);

        Assert.Single(Directory.GetFiles(_folder.Path));
        Assert.Single(descriptors.Select(DeletionVectorStore.PathOf).Distinct());
        Assert.Equal([1], descriptors.Select(descriptor => descriptor.Offset).Take(1).OfType<int>());
        Assert.Equal([1, 5], DeletionVectorStore.Read(_storage, descriptors[0], default));
        Assert.Equal([7], DeletionVectorStore.Read(_storage, descriptors[1], default));
        Assert.Equal([0, 1L << 33], DeletionVectorStore.Read(_storage, descriptors[2], default));
    }

    [Fact]
    public void A_vector_is_found_by_an_absolute_path_with_a_prefix_and_inline()
    {
        var descriptor = DeletionVectorStore.Write(_storage, [Of(3, 4)], default)[0];
        var file = DeletionVectorStore.PathOf(descriptor)!;
        var absolute = descriptor with { StorageType = "p", PathOrInlineDv = new Uri(Path.Combine(_folder.Path, file)).AbsoluteUri };
        Directory.CreateDirectory(_folder["ab"]);
        File.Copy(_folder[file], _folder["ab/" + file]);
        var prefixed = descriptor with { PathOrInlineDv = "ab" + descriptor.PathOrInlineDv };
        var bytes = Of(3, 4).ToBytes();
        var inline = new DeletionVectorDescriptor("i", Z85.Encode(bytes), null, bytes.Length, 2);

        foreach (var other in new[] { absolute, prefixed, inline })
        {
            Assert.Equal([3, 4], DeletionVectorStore.Read(_storage, other, default));
        }
    }

    [Fact]
    public void Every_byte_of_a_vector_is_checked()
    {
        var descriptor = DeletionVectorStore.Write(_storage, [Of(3, 4, 100_000)], default)[0];
        var file = _folder[DeletionVectorStore.PathOf(descriptor)!];
        var bytes = File.ReadAllBytes(file);
        for (var i = 1; i < bytes.Length; i++)
        {
            var changed = (byte[])bytes.Clone();
            changed[i] ^= 4;
            File.WriteAllBytes(file, changed);

            var damaged = Assert.Throws<DeltaException>(() => DeletionVectorStore.Read(_storage, descriptor, default));

            Assert.Equal(DeltaErrorKind.Corrupt, damaged.Kind);
            Assert.Contains(Path.GetFileName(file), damaged.Message);
        }

        File.WriteAllBytes(file, bytes[..^3]);
        Assert.Equal(DeltaErrorKind.Corrupt,
            Assert.Throws<DeltaException>(() => DeletionVectorStore.Read(_storage, descriptor, default)).Kind);
    }

    [Fact]
    public void What_the_log_says_of_a_vector_must_fit()
    {
        var descriptor = DeletionVectorStore.Write(_storage, [Of(3, 4)], default)[0];

        foreach (var (wrong, kind) in new[]
        {
            (descriptor with { Cardinality = 3 }, DeltaErrorKind.Corrupt),
            (descriptor with { SizeInBytes = descriptor.SizeInBytes - 1 }, DeltaErrorKind.Corrupt),
            (descriptor with { SizeInBytes = -1 }, DeltaErrorKind.Corrupt),
            (descriptor with { SizeInBytes = int.MaxValue }, DeltaErrorKind.Corrupt),
            (descriptor with { Offset = 2 }, DeltaErrorKind.Corrupt),
            (descriptor with { Offset = -2 }, DeltaErrorKind.Corrupt),
            (descriptor with { PathOrInlineDv = "short" }, DeltaErrorKind.Corrupt),
            (descriptor with { PathOrInlineDv = "~~~~~~~~~~~~~~~~~~~~" }, DeltaErrorKind.Corrupt),
            (descriptor with { PathOrInlineDv = "00000000000000000000" }, DeltaErrorKind.NotFound),
            (descriptor with { StorageType = "r" }, DeltaErrorKind.Unsupported),
            (new("i", "Hell", null, 4, 1), DeltaErrorKind.Corrupt),
            (new("i", "HelloWorld", null, 80, 1), DeltaErrorKind.Corrupt),
        })
        {
            Assert.Equal(kind, Assert.Throws<DeltaException>(() => DeletionVectorStore.Read(_storage, wrong, default)).Kind);
        }
    }

    private static RoaringBitmapArray Of(params long[] positions)
    {
        var bitmap = new RoaringBitmapArray();
        foreach (var position in positions)
        {
            bitmap.Add(position);
        }

        return bitmap;
    }
}
