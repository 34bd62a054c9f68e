using PerfRing.Memory;

namespace PerfRing;

/// <summary>Who wrote a record, or holds the lock: a slot, and how many writers had it before.</summary>
/// <remarks>In the high half of a record's header: the slot in 8 bits, the generation in 24. In the lock word the same, with a
/// bit that tells it from an open lock.</remarks>
internal readonly record struct SharedRingOwner(uint Word)
{
    private const ulong Held = 1ul << 32;
    private const uint GenerationMask = (1 << 24) - 1;

    internal SharedRingOwner(int slot, uint generation)
        : this((uint)slot | (generation << 8))
    {
    }

    internal int Slot => (int)(Word & 0xff);

    internal uint Generation => Word >> 8;

    /// <summary>Whether there can be such an owner. Words come from memory that anybody may have written.</summary>
    internal bool IsPossible => Slot < SharedRingLayout.Slots && Generation != 0;

    /// <summary>What the lock holds while this owner has it.</summary>
    internal ulong LockWord => Held | Word;

    /// <summary>The owner in a lock word that is not 0.</summary>
    /// <returns>False if no owner stores such a word.</returns>
    internal static bool TryReadLock(ulong word, out SharedRingOwner owner)
    {
        owner = new SharedRingOwner((uint)word);
        return word >> 32 == Held >> 32 && owner.IsPossible;
    }

    /// <summary>The generation after one, without 0: a slot of zeros was never taken.</summary>
    internal static uint GenerationAfter(uint generation) => Math.Max(1, (generation + 1) & GenerationMask);

    /// <summary>The generation in a slot's word.</summary>
    internal static uint GenerationIn(uint word) => word & GenerationMask;
}
