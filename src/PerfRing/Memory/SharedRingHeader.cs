namespace PerfRing.Memory;

/// <summary>The words of page 0. Each access is one load or store.</summary>
/// <param name="page">The page; the caller keeps it mapped.</param>
// SAFETY: all offsets lie in the page and are aligned.
internal readonly unsafe struct SharedRingHeader(Mapping page)
{
    private readonly byte* _page = page.Address;

    internal uint Version { get => Word(SharedRingLayout.VersionOffset); set => Word(SharedRingLayout.VersionOffset) = value; }

    internal uint PageSize { get => Word(SharedRingLayout.PageSizeOffset); set => Word(SharedRingLayout.PageSizeOffset) = value; }

    internal ulong DataOffset { get => Long(SharedRingLayout.DataOffsetOffset); set => Long(SharedRingLayout.DataOffsetOffset) = value; }

    internal ulong Capacity { get => Long(SharedRingLayout.CapacityOffset); set => Long(SharedRingLayout.CapacityOffset) = value; }

    internal uint Producers { get => Word(SharedRingLayout.ProducersOffset); set => Word(SharedRingLayout.ProducersOffset) = value; }

    internal uint Slots { get => Word(SharedRingLayout.SlotsOffset); set => Word(SharedRingLayout.SlotsOffset) = value; }

    internal uint Flags { get => Word(SharedRingLayout.FlagsOffset); set => Word(SharedRingLayout.FlagsOffset) = value; }

    /// <summary>Acquire. Pairs with <see cref="Publish"/>: with the magic, everything else is there.</summary>
    internal bool IsPublished => Volatile.Read(ref Long(SharedRingLayout.MagicOffset)) == SharedRingLayout.Magic;

    /// <summary>Release. Pairs with <see cref="IsPublished"/>.</summary>
    internal void Publish() => Volatile.Write(ref Long(SharedRingLayout.MagicOffset), SharedRingLayout.Magic);

    private ref uint Word(int offset) => ref *(uint*)(_page + offset);

    private ref ulong Long(int offset) => ref *(ulong*)(_page + offset);
}
