using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>The session's magics. May be read while a cell adds one.</summary>
public sealed class MagicRegistry : IMagicRegistry
{
    private volatile IReadOnlyList<IMagic> _all = [];

    public IReadOnlyList<IMagic> All => _all;

    public void Add(IMagic magic) =>
        _all = [.. _all.Where(known => known.Syntax.Name != magic.Syntax.Name), magic];
}
