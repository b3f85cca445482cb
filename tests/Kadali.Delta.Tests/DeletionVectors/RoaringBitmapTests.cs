using FsCheck;
using FsCheck.Fluent;

namespace Kadali.Delta.Tests.DeletionVectors;

/// <summary>A bitmap is a set, in memory and in its bytes.</summary>
public sealed class RoaringBitmapTests
{
    // Single rows, stretches and dense areas, near each other and far apart, also beyond 32 bits.
    private static readonly Gen<long[]> Sets =
        from pieces in Gen.ListOf(
            from start in Gen.OneOf(
                Gen.Choose(0, 300_000).Select(value => (long)value), Gen.Choose(0, 3).Select(high => ((long)high << 32) + 65_530))
            from kind in Gen.Choose(0, 2)
            from length in Gen.Choose(1, 9000)
            select kind == 0 ? new[] { start }
                : [.. Enumerable.Range(0, length).Select(i => start + i * (kind == 1 ? 1L : 2L))])
        from shuffled in Gen.Shuffle(pieces.SelectMany(piece => piece).ToArray())
        select shuffled;

    [Fact]
    public void A_bitmap_holds_what_was_added_and_nothing_else() => Check(Sets, positions =>
    {
        var bitmap = Of(positions);
        var expected = new SortedSet<long>(positions);

        return bitmap.Cardinality == expected.Count && bitmap.SequenceEqual(expected)
            && bitmap.Maximum == (expected.Count == 0 ? null : expected.Max)
            && expected.All(bitmap.Contains)
            && !expected.Any(position => !expected.Contains(position + 1) && bitmap.Contains(position + 1));
    });

    [Fact]
    public void A_bitmap_that_was_written_is_read_as_the_same() => Check(Sets, positions =>
    {
        var bitmap = Of(positions);

        return RoaringBitmapArray.Read(bitmap.ToBytes()).SequenceEqual(bitmap);
    });

    [Fact]
    public void The_union_holds_both() => Check(Gen.Zip(Sets, Sets), pair =>
    {
        var (left, right) = (Of(pair.Item1), Of(pair.Item2));

        left.Or(right);

        return left.SequenceEqual(new SortedSet<long>(pair.Item1.Concat(pair.Item2))) && right.SequenceEqual(Of(pair.Item2));
    });

    [Fact]
    public void Bits_say_the_same() => Check(Sets.Select(set => set.Select(position => position % 1_000_000).ToArray()), positions =>
    {
        var bits = Of(positions).ToBits();

        return Enumerable.Range(0, bits.Length * 64).Where(i => (bits[i / 64] >> i & 1) != 0).Select(i => (long)i)
            .SequenceEqual(positions.Distinct().Order());
    });

    [Theory]
    [InlineData("0 1 2 3 4 5 6 7 8 9")]
    [InlineData("5")]
    [InlineData("65535 65536")]
    public void Stretches_are_written_as_such(string text)
    {
        var positions = text.Split(' ').Select(long.Parse).ToArray();
        var whole = Of([.. Enumerable.Range(0, 1_000_000).Select(i => (long)i)]);

        Assert.Equal(positions, RoaringBitmapArray.Read(Of(positions).ToBytes()));
        Assert.InRange(whole.ToBytes().Length, 1, 400);
        Assert.Equal(1_000_000, RoaringBitmapArray.Read(whole.ToBytes()).Cardinality);
    }

    [Fact]
    public void Bytes_that_are_cut_or_changed_are_refused_or_read_but_never_crash()
    {
        var bytes = Of([1, 2, 3, 70_000, .. Enumerable.Range(200_000, 10_000).Select(i => 2L * i), 1L << 33]).ToBytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<FormatException>(() => RoaringBitmapArray.Read(bytes.AsSpan(0, length)));
        }

        var random = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            var changed = (byte[])bytes.Clone();
            changed[random.Next(Math.Min(changed.Length, 200))] ^= (byte)(1 << random.Next(8));
            try
            {
                _ = RoaringBitmapArray.Read(changed).Cardinality;
            }
            catch (FormatException)
            {
                // As it should be.
            }
        }
    }

    [Fact]
    public void Text_of_Z85_is_that_of_its_specification()
    {
        Assert.Equal("HelloWorld", Z85.Encode([0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]));
        Assert.Equal(new byte[] { 0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B }, Z85.Decode("HelloWorld"));
        Assert.Throws<FormatException>(() => Z85.Decode("Hell"));
        Assert.Throws<FormatException>(() => Z85.Decode("Hell~"));
        Assert.Throws<FormatException>(() => Z85.Decode("#####"));
        Check(Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)), bytes =>
            Z85.Decode(Z85.Encode(bytes)).AsSpan(0, bytes.Length).SequenceEqual(bytes));
    }

    private static void Check<T>(Gen<T> values, Func<T, bool> holds) =>
        Prop.ForAll(values.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(20));

    private static RoaringBitmapArray Of(IEnumerable<long> positions)
    {
        var bitmap = new RoaringBitmapArray();
        foreach (var position in positions)
        {
            bitmap.Add(position);
        }

        return bitmap;
    }
}
