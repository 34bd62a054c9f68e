namespace PerfRing.Cli.Trace;

/// <summary>What was printed, by CPU.</summary>
internal sealed class TraceTally
{
    // By CPU id, not by position: the ids of a machine have gaps.
    private readonly long[] _records;

    internal TraceTally(CpuSet cpus) => _records = new long[cpus.Max() + 1];

    internal long Records { get; private set; }

    /// <summary>Bytes of ring that the records took, headers and padding included.</summary>
    internal long Bytes { get; private set; }

    internal long this[int cpu] => _records[cpu];

    internal void Add(int cpu, uint bytes)
    {
        _records[cpu]++;
        Records++;
        Bytes += bytes;
    }
}
