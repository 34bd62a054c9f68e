namespace PerfRing;

/// <summary>How many records found no room in one map while it was read, by CPU, at one moment.</summary>
/// <param name="cpus">The possible CPUs, in the order of the counts.</param>
/// <param name="dropped">The records of each; null where that is unknown.</param>
internal readonly struct DropCounts(int[] cpus, ulong?[] dropped)
{
    /// <summary>The CPUs that may have dropped something.</summary>
    internal ReadOnlySpan<int> Cpus => cpus;

    /// <summary>The sum over all CPUs; null if a part of it is unknown.</summary>
    internal ulong? Total
    {
        get
        {
            ulong? total = 0;
            foreach (ulong? count in dropped)
                total += count;

            return total;
        }
    }

    /// <summary>Those of one CPU; null if that is unknown.</summary>
    internal ulong? Of(int cpu)
    {
        int i = Array.IndexOf(cpus, cpu);
        return i < 0 ? 0 : dropped[i];
    }
}
