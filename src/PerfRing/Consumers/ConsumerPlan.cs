using System.Globalization;

namespace PerfRing;

/// <summary>What one thread of a consumer serves, and where it runs.</summary>
/// <param name="Rings">The rings: the index of the reader, and of the ring in it.</param>
/// <param name="Cpus">The CPUs that the thread is pinned to; null if it is not pinned.</param>
/// <param name="Name">The thread's name.</param>
internal sealed record ConsumerPlan(IReadOnlyList<(int Reader, int Ring)> Rings, CpuSet? Cpus, string Name)
{
    /// <summary>Divides the rings of some readers among threads.</summary>
    /// <param name="readers">By reader and ring, the CPU of each ring; -1 for one that belongs to none.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">A thread would have no CPU to run on, or starve others.</exception>
    internal static List<ConsumerPlan> Divide(IReadOnlyList<IReadOnlyList<int>> readers, PerCoreConsumerOptions options)
    {
        List<ConsumerPlan> plans = [];
        IEnumerable<(int Reader, int Ring, int Cpu)> rings =
            from reader in Enumerable.Range(0, readers.Count)
            from ring in Enumerable.Range(0, readers[reader].Count)
            select (reader, ring, readers[reader][ring]);
        foreach (IGrouping<int, (int Reader, int Ring, int Cpu)> group in rings.GroupBy(ring => options.Group?.Invoke(ring.Cpu) ?? ring.Cpu))
        {
            int[] cpus = [.. group.Select(static ring => ring.Cpu).Where(static cpu => cpu >= 0).Distinct().Order()];
            CpuSet? placed = Place(cpus, options);
            options.ValidateFor(placed);
            string name = options.ThreadName.Replace(
                "{0}", cpus.Length == 0 ? "-" : cpus[0].ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            plans.Add(new ConsumerPlan([.. group.Select(static ring => (ring.Reader, ring.Ring))], placed, name));
        }

        return plans;
    }

    private static CpuSet? Place(int[] cpus, PerCoreConsumerOptions options)
    {
        if (options.Placement.IsUnpinned)
            return null;

        if (options.Placement.Cpus is { } given)
            return given;

        if (cpus.Length == 0)
            return null;

        CpuSet own = CpuSet.Of(cpus).Except(options.Topology.Isolated);
        if (own.Count != 0)
            return own;

        CpuSet housekeeping = options.Topology.Online.Except(options.Topology.Isolated);
        return housekeeping.Count != 0 ? housekeeping : throw new ArgumentException(
            $"CPUs {CpuSet.Of(cpus)} are isolated, and so are all others: name the ones to run on with ThreadPlacement.On.");
    }
}
