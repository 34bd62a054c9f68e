namespace PerfRing;

/// <summary>What a consumer's thread counts about itself: once a batch or a sleep, never once a record. Written by that thread, read
/// by anyone.</summary>
internal sealed class ConsumerCounts
{
    private long _records;
    private long _batches;
    private long _wakeups;
    private long _spuriousWakeups;
    private long _agedSweeps;
    private long _spinFinds;

    internal DelayHistogram Delays { get; } = new();

    internal void Batch(long records)
    {
        Volatile.Write(ref _records, _records + records);
        Volatile.Write(ref _batches, _batches + 1);
    }

    internal void Wakeup() => Volatile.Write(ref _wakeups, _wakeups + 1);

    internal void SpuriousWakeup() => Volatile.Write(ref _spuriousWakeups, _spuriousWakeups + 1);

    internal void AgedSweep() => Volatile.Write(ref _agedSweeps, _agedSweeps + 1);

    internal void SpinFind() => Volatile.Write(ref _spinFinds, _spinFinds + 1);

    internal ConsumerStatistics Read(string name) => new(
        name,
        Volatile.Read(ref _records),
        Volatile.Read(ref _batches),
        Volatile.Read(ref _wakeups),
        Volatile.Read(ref _spuriousWakeups),
        Volatile.Read(ref _agedSweeps),
        Volatile.Read(ref _spinFinds),
        Delays.Read());
}
