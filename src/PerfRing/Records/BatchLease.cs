namespace PerfRing;

/// <summary>What a batch reads and releases through: the records need not know the rings.</summary>
// SAFETY: addresses pass through here between the enumerator and the ring; nothing is read behind them.
internal abstract unsafe class BatchLease
{
    /// <summary>The end of the record that was shown last; null before the first and after the batch. The enumerator stores it
    /// with each step, since leaving a foreach tells nobody where it was left, and compares it before each step, since a
    /// batch may have been disposed, or walked anew, behind its back.</summary>
    internal byte* Visited;

    /// <summary>Starts a walk over the batch from its first record.</summary>
    /// <exception cref="InvalidOperationException">The batch of this generation was disposed.</exception>
    internal abstract void Restart(uint generation);

    /// <summary>Finds the record at a position where the fast path may not go on by itself.</summary>
    /// <param name="position">Where the fast path stopped; null at the start.</param>
    /// <param name="stretch">The record, and the memory behind it.</param>
    /// <returns>False at the end of the batch.</returns>
    /// <exception cref="InvalidOperationException">The batch was disposed, or another walk over it was started.</exception>
    internal abstract bool Advance(byte* position, out Stretch stretch);

    /// <summary>Publishes everything up to and including a record, at once.</summary>
    internal abstract void ReleaseThrough(uint generation, scoped in Record record);

    /// <summary>Ends the batch. Does nothing if that generation has ended.</summary>
    internal abstract void Release(uint generation);
}
