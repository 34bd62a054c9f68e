using System.Runtime.CompilerServices;

namespace PerfRing;

/// <summary>What a batch reads and releases through: the records need not know the rings.</summary>
// SAFETY: addresses pass through here between the enumerator and the ring; nothing is read behind them.
internal abstract unsafe class BatchLease
{
    /// <summary>The end of the record that was shown last; null before the first and after the batch. The enumerator stores it
    /// with each step, since leaving a foreach tells nobody where it was left, and compares it before each step, since a
    /// batch may have been disposed, or walked anew, behind its back.</summary>
    internal byte* Visited;

    /// <summary>The outcome of <see cref="Step"/>. A field, not an out parameter: the JIT would clear that on the stack with
    /// every record, also on the fast path.</summary>
    internal Stretch Stretch;

    /// <summary>Hits that may still be gambled away; below zero the sizes vary too much to be predicted.</summary>
    internal int Credit;

    private const int FirstCredit = 32;
    private const int HighestCredit = 64;
    private const int PriceOfMiss = 8;

    private byte* _afterMiss;

    /// <summary>Starts a walk over the batch from its first record.</summary>
    /// <exception cref="InvalidOperationException">The batch of this generation was disposed.</exception>
    internal abstract void Restart(uint generation);

    /// <summary>Finds the record at a position where the fast path may not go on by itself, into <see cref="Stretch"/>.</summary>
    /// <param name="generation">The batch that is walked.</param>
    /// <param name="position">Where the fast path stopped; null at the start.</param>
    /// <returns>False at the end of the batch.</returns>
    /// <exception cref="InvalidOperationException">The batch was disposed, or another walk over it was started.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool Step(uint generation, byte* position)
    {
        if (!Advance(generation, position, out Stretch))
            return false;

        Visited = _afterMiss = Stretch.Next;
        Credit = FirstCredit;
        return true;
    }

    /// <summary>Weighs a record that was not predicted.</summary>
    /// <param name="record">Where it is.</param>
    /// <param name="size">Its size, at least 8.</param>
    /// <returns>Whether the next one should be expected to be like it: after two misses in a row, so that a stray record in a
    /// uniform stream does not turn the expectation.</returns>
    internal bool Learn(byte* record, nuint size)
    {
        // What lies between two misses were hits. Each earns one; a miss, a mispredicted branch, costs as much as eight gain.
        Credit = Math.Min(Credit + (int)((nuint)(record - _afterMiss) / size), HighestCredit) - PriceOfMiss;
        bool again = _afterMiss == record;
        _afterMiss = record + size;
        return again && Credit >= 0;
    }

    /// <summary>Publishes everything up to and including a record, at once.</summary>
    internal abstract void ReleaseThrough(uint generation, scoped in Record record);

    /// <summary>Ends the batch. Does nothing if that generation has ended.</summary>
    internal abstract void Release(uint generation);

    /// <inheritdoc cref="Step"/>
    private protected abstract bool Advance(uint generation, byte* position, out Stretch stretch);
}
