using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>The places at a shared ring: who has one holds a lock on a byte of the file, by an open file of its own.</summary>
/// <remarks>
/// <para>The kernel drops such a lock when the open file is closed, so also when its process ends in whatever way, and nobody can
/// take it meanwhile. A process number would prove nothing: numbers are used again, and differ between namespaces.</para>
/// <para><b>Alive</b> is an owner whose slot's lock is held and whose generation is the slot's. The lock is taken before the
/// generation is raised, so whoever sees a lock that is held and an old generation may think of a dead owner as alive for that
/// moment, and never the other way round.</para>
/// </remarks>
internal static class SharedRingPlaces
{
    /// <summary>Takes a writer's slot.</summary>
    /// <param name="file">The writer's own open file.</param>
    /// <param name="words">The words of the ring.</param>
    /// <param name="slots">How many slots are in use: 1 or 64.</param>
    /// <exception cref="SharedRingBusyException">All are taken.</exception>
    internal static SharedRingOwner TakeSlot(Descriptor file, SharedRingWords words, int slots)
    {
        int slot = 0;
        while (!TryLock(file, (ulong)slot))
        {
            if (++slot == slots)
            {
                string which = slots == 1 ? "its one writer" : $"its {slots} writers, among them";
                throw new SharedRingBusyException(
                    $"The shared ring has {which}",
                    Volatile.Read(ref words.SlotProcess(0)));
            }
        }

        uint generation = SharedRingOwner.GenerationAfter(Volatile.Read(ref words.SlotGeneration(slot)));
        Volatile.Write(ref words.SlotGeneration(slot), generation);
        Volatile.Write(ref words.SlotProcess(slot), (uint)Environment.ProcessId);

        // The last one here may have died while it claimed space. A waiter may be taking the lock over right now: one wins.
        ulong locked = words.LoadLock();
        if (SharedRingOwner.TryReadLock(locked, out SharedRingOwner last) && last.Slot == slot)
            words.TryTakeLock(locked, 0);

        return new SharedRingOwner(slot, generation);
    }

    /// <summary>Takes the consumer's place.</summary>
    /// <exception cref="SharedRingBusyException">It is taken.</exception>
    internal static void TakeConsumer(Descriptor file, SharedRingWords words)
    {
        if (!TryLock(file, SharedRingLayout.ConsumerLock))
            throw new SharedRingBusyException("The shared ring has its reader", Volatile.Read(ref words.ConsumerProcess));

        Volatile.Write(ref words.ConsumerProcess, (uint)Environment.ProcessId);
    }

    /// <summary>Gives a place up, and closes the file. Whoever had it stores nothing any more.</summary>
    /// <remarks>Closing alone would do, but for a moment: a child process that is just being started holds copies of all open
    /// files until it executes its program, and with the file its locks.</remarks>
    internal static void Leave(Descriptor file, ulong place)
    {
        _ = Shim.Unlock(file, place, 1);
        file.Dispose();
    }

    /// <summary>Whether an owner is gone for good: it will never store anything again, and what it stored is seen.</summary>
    /// <param name="file">An open file of one's own: its own locks are not seen through it.</param>
    /// <param name="words">The words of the ring.</param>
    /// <param name="owner">One that is possible.</param>
    internal static bool IsGone(Descriptor file, SharedRingWords words, SharedRingOwner owner)
    {
        if (SharedRingOwner.GenerationIn(Volatile.Read(ref words.SlotGeneration(owner.Slot))) != owner.Generation)
            return true;

        // Whoever can't be asked about counts as alive.
        return Shim.LockQuery(file, (ulong)owner.Slot, 1, out uint locked) == 0 && locked == 0;
    }

    private static bool TryLock(Descriptor file, ulong place)
    {
        int result = Shim.Lock(file, place, 1);
        if (result is -Errno.EAGAIN or -Errno.EACCES)
            return false;

        Errno.ThrowIfFailed(result, "fcntl(F_OFD_SETLK)", "the file system of a shared ring must have locks; a tmpfs does");
        return true;
    }
}
