namespace PerfRing.Memory;

/// <summary>The words of page 0. Each access is one load or store.</summary>
/// <param name="page">The page; the caller keeps it mapped.</param>
// SAFETY: all offsets lie in the page and are aligned.
internal readonly unsafe struct SharedRingHeader(Mapping page)
{
    private readonly byte* _page = page.Address;

    internal ref uint Version => ref Word(SharedRingLayout.VersionOffset);

    internal ref uint PageSize => ref Word(SharedRingLayout.PageSizeOffset);

    internal ref ulong DataOffset => ref Long(SharedRingLayout.DataOffsetOffset);

    internal ref ulong Capacity => ref Long(SharedRingLayout.CapacityOffset);

    internal ref uint Producers => ref Word(SharedRingLayout.ProducersOffset);

    internal ref uint Slots => ref Word(SharedRingLayout.SlotsOffset);

    internal ref uint Flags => ref Word(SharedRingLayout.FlagsOffset);

    /// <summary>Acquire. Pairs with <see cref="Publish"/>: with the magic, everything else is there.</summary>
    internal bool IsPublished => Volatile.Read(ref Long(SharedRingLayout.MagicOffset)) == SharedRingLayout.Magic;

    /// <summary>Release. Pairs with <see cref="IsPublished"/>.</summary>
    internal void Publish() => Volatile.Write(ref Long(SharedRingLayout.MagicOffset), SharedRingLayout.Magic);

    private ref uint Word(int offset) => ref *(uint*)(_page + offset);

    private ref ulong Long(int offset) => ref *(ulong*)(_page + offset);
}
