namespace PerfRing;

/// <summary>Which records of a ring are reserved and not yet finished: a copy of a reservation that was ended is told from a
/// living one without a look at ring memory, which may be gone.</summary>
/// <remarks>One thread at a time adds; any thread ends. The position is the generation: it never comes again.</remarks>
internal sealed class OpenReservations
{
    /// <summary>More than the frames of a stack hold by intention: a reservation can't be anywhere else.</summary>
    internal const int Maximum = 64;

    /// <summary>The position and one, as a position is a multiple of 8 and may be zero; zero is a free slot.</summary>
    private readonly ulong[] _slots = new ulong[Maximum];

    /// <summary>A slot for a reservation to come.</summary>
    /// <exception cref="InvalidOperationException">Too many are open.</exception>
    internal int FindSlot()
    {
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            if (Volatile.Read(ref _slots[slot]) == 0)
                return slot;
        }

        throw new InvalidOperationException(
            $"{Maximum} reservations are neither submitted nor discarded. The kernel drains nothing behind the first of them.");
    }

    internal void Open(int slot, ulong position) => Volatile.Write(ref _slots[slot], position + 1);

    internal bool IsOpen(int slot, ulong position) => Volatile.Read(ref _slots[slot]) == position + 1;

    /// <returns>True for one of all that try.</returns>
    internal bool TryEnd(int slot, ulong position) =>
        IsOpen(slot, position) && Interlocked.CompareExchange(ref _slots[slot], 0, position + 1) == position + 1;
}
