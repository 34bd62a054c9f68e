namespace PerfRing;

/// <summary>How many records found no room in one map while it was read, by CPU, at one moment.</summary>
/// <param name="cpus">The possible CPUs, in the order of the counts.</param>
/// <param name="before">The counts when the reader was opened.</param>
/// <param name="now">The counts now.</param>
internal readonly struct DropCounts(int[] cpus, ulong[] before, ulong[] now)
{
    /// <summary>The CPUs that may have dropped something.</summary>
    internal ReadOnlySpan<int> Cpus => cpus;

    /// <summary>The sum over all CPUs; null if a part of it is unknown.</summary>
    internal ulong? Total
    {
        get
        {
            ulong? total = 0;
            for (int i = 0; i < cpus.Length; i++)
                total += Since(i);

            return total;
        }
    }

    /// <summary>Those of one CPU; null if that is unknown.</summary>
    internal ulong? Of(int cpu)
    {
        int i = Array.IndexOf(cpus, cpu);
        return i < 0 ? 0 : Since(i);
    }

    /// <summary>A count that went back was set back by somebody: what it was by then, nobody knows.</summary>
    private ulong? Since(int i) => now[i] < before[i] ? null : now[i] - before[i];
}
