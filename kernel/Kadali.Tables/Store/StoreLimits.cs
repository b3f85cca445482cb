namespace Kadali.Tables;

/// <summary>How much of a result is kept.</summary>
/// <param name="Memory">Bytes that stay in memory; what comes after them goes to a file.</param>
/// <param name="Disk">Bytes that go to the file; what comes after them is not read.</param>
public sealed record StoreLimits(long Memory, long Disk)
{
    /// <summary>32 MiB in memory and 2 GiB on disk.</summary>
    public static StoreLimits Default { get; } = new(32L << 20, 2L << 30);

    /// <summary>Everything in memory, for what is in memory anyway.</summary>
    public static StoreLimits Unlimited { get; } = new(long.MaxValue, 0);
}
