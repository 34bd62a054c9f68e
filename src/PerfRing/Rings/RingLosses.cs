namespace PerfRing;

/// <summary>What one ring knows of records that were produced and not delivered. Written by the consumer, read by anyone.</summary>
internal sealed class RingLosses
{
    private ulong _noticed;
    private ulong _abandoned;
    private ulong _gaps;
    private ulong _skippedBytes;
    private bool _unknown;

    /// <summary>The sum of the loss notices that passed.</summary>
    internal ulong Noticed => Volatile.Read(ref _noticed);

    /// <summary>Records that the caller gave up.</summary>
    internal ulong Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>Places with impossible content, each with an unknown number of records lost.</summary>
    internal ulong Gaps => Volatile.Read(ref _gaps);

    internal ulong SkippedBytes => Volatile.Read(ref _skippedBytes);

    /// <summary>Whether records were lost that nobody counts: overwritten, or written while there was no ring for them.</summary>
    internal bool AreUnknown => Volatile.Read(ref _unknown);

    internal void MarkUnknown() => Volatile.Write(ref _unknown, true);

    internal void Notice(ulong records) => Volatile.Write(ref _noticed, _noticed + records);

    internal void Abandon(ulong records) => Volatile.Write(ref _abandoned, _abandoned + records);

    internal void Skip(ulong bytes)
    {
        Volatile.Write(ref _gaps, _gaps + 1);
        Volatile.Write(ref _skippedBytes, _skippedBytes + bytes);
    }
}
