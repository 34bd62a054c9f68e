namespace PerfRing;

/// <summary>What one ring knows of records that were produced and not delivered. Written by the consumer, read by anyone.</summary>
internal sealed class RingLosses
{
    private ulong _noticed;
    private ulong _abandoned;
    private ulong _gaps;
    private ulong _skippedBytes;
    private ulong _discarded;
    private ulong _orphaned;
    private bool _unknown;

    /// <summary>The sum of the loss notices that passed.</summary>
    internal ulong Noticed => Volatile.Read(ref _noticed);

    /// <summary>Records that the caller gave up.</summary>
    internal ulong Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>Places with impossible content, each with an unknown number of records lost.</summary>
    internal ulong Gaps => Volatile.Read(ref _gaps);

    internal ulong SkippedBytes => Volatile.Read(ref _skippedBytes);

    /// <summary>Records that their producer took back. No loss: it had nothing to say.</summary>
    internal ulong Discarded => Volatile.Read(ref _discarded);

    /// <summary>Records whose producer died while it wrote them.</summary>
    internal ulong Orphaned => Volatile.Read(ref _orphaned);

    /// <summary>Whether records were lost that nobody counts: overwritten, or written while there was no ring for them.</summary>
    internal bool AreUnknown => Volatile.Read(ref _unknown);

    internal void MarkUnknown() => Volatile.Write(ref _unknown, true);

    internal void Notice(ulong records) => Volatile.Write(ref _noticed, _noticed + records);

    internal void Abandon(ulong records) => Volatile.Write(ref _abandoned, _abandoned + records);

    internal void Discard() => Volatile.Write(ref _discarded, _discarded + 1);

    internal void Orphan() => Volatile.Write(ref _orphaned, _orphaned + 1);

    internal void Skip(ulong bytes)
    {
        Volatile.Write(ref _gaps, _gaps + 1);
        Volatile.Write(ref _skippedBytes, _skippedBytes + bytes);
    }
}
