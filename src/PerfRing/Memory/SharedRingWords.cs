using System.Runtime.CompilerServices;
using PerfRing.Interop;

namespace PerfRing.Memory;

/// <summary>The words of a shared ring that are neither header nor data, with the barrier of each access.</summary>
/// <remarks>The other side may have written anything: what is loaded here is checked by whoever uses it, once.</remarks>
// SAFETY: all words lie in the first four pages of a mapping that the holder of this struct keeps alive, and are aligned; a
// slot's number is below the number of slots, which Slot checks.
internal readonly unsafe struct SharedRingWords
{
    private readonly byte* _consumer;
    private readonly byte* _producers;
    private readonly byte* _slots;

    internal SharedRingWords(byte* address, uint pageSize)
    {
        _consumer = address + pageSize;
        _producers = _consumer + pageSize;
        _slots = _producers + pageSize;
    }

    /// <summary>The two positions, for a reader.</summary>
    internal RingCursor Cursor =>
        RingCursor.OfPages(_producers + SharedRingLayout.PositionOffset, _consumer + SharedRingLayout.PositionOffset);

    /// <summary>The producer position, for a writer that keeps its address in a register.</summary>
    internal ulong* Producer => (ulong*)(_producers + SharedRingLayout.PositionOffset);

    /// <summary>What the consumer sleeps on: 0 while it is awake, else what wakes it (<see cref="SharedRingSleep"/>).</summary>
    internal uint* Sleep => (uint*)(_consumer + SharedRingLayout.SleepOffset);

    /// <summary>What writers sleep on for room: 1 if one does.</summary>
    internal uint* SpaceWaiters => (uint*)(_producers + SharedRingLayout.SpaceWaitersOffset);

    /// <summary>Acquire. Pairs with <see cref="StoreProducer"/>.</summary>
    internal ulong LoadProducer() => Volatile.Read(ref *Producer);

    /// <summary>Release. Pairs with the acquire of <see cref="RingCursor.LoadProducer"/>: the record's header, and with one
    /// producer its payload, are there before the position says so.</summary>
    internal void StoreProducer(ulong position) => Volatile.Write(ref *Producer, position);

    /// <summary>Acquire. Pairs with the release of <see cref="RingCursor.StoreConsumer"/>: the consumer has read what lies
    /// before, so it may be written over.</summary>
    internal ulong LoadConsumer() => Volatile.Read(ref *(ulong*)(_consumer + SharedRingLayout.PositionOffset));

    /// <summary>A moment's view.</summary>
    internal ulong LoadLock() => Volatile.Read(ref Lock);

    /// <summary>Full fence: whoever takes the lock sees what its last holder stored.</summary>
    internal bool TryTakeLock(ulong expected, ulong owner) => Interlocked.CompareExchange(ref Lock, owner, expected) == expected;

    /// <summary>Release. Pairs with <see cref="TryTakeLock"/>.</summary>
    internal void ReleaseLock() => Volatile.Write(ref Lock, 0);

    /// <summary>Countdown to the wakeup, in records; stored before <see cref="Sleep"/> with its release.</summary>
    internal ref int Countdown => ref *(int*)(_consumer + SharedRingLayout.CountdownOffset);

    /// <summary>The producer position that wakes; stored before <see cref="Sleep"/> with its release.</summary>
    internal ref ulong WakePosition => ref *(ulong*)(_consumer + SharedRingLayout.WakePositionOffset);

    internal ref uint ConsumerProcess => ref *(uint*)(_consumer + SharedRingLayout.ConsumerProcessOffset);

    internal ref uint SlotGeneration(int slot) => ref *(uint*)(Slot(slot) + SharedRingLayout.SlotGenerationOffset);

    internal ref uint SlotProcess(int slot) => ref *(uint*)(Slot(slot) + SharedRingLayout.SlotProcessOffset);

    internal ref ulong SlotRefused(int slot) => ref *(ulong*)(Slot(slot) + SharedRingLayout.SlotRefusedOffset);

    private ref ulong Lock => ref *(ulong*)(_producers + SharedRingLayout.LockOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Slot(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)SharedRingLayout.Slots);
        return _slots + (slot * SharedRingLayout.SlotLength);
    }
}
