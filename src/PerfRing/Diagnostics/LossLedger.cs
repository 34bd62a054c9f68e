namespace PerfRing;

/// <summary>What was produced and not delivered, by CPU, at one moment. Immutable.</summary>
/// <remarks>produced = delivered + lost + abandoned holds exactly where the kernel can tell: for tracepoints that are sampled
/// each time and opened before they were enabled. For BPF ring buffers produced = delivered + lost + discarded + abandoned
/// holds where the program counts what finds no room (<see cref="BpfRingReaderOptions.Drops"/>). Where nobody can tell,
/// <see cref="Lost"/> is null: unknown, never zero.</remarks>
public sealed class LossLedger
{
    internal LossLedger(IReadOnlyList<CpuLosses> cpus) => Cpus = cpus;

    /// <summary>The losses of each ring. Where BPF programs write to a ring buffer for each CPU, also those of CPUs that have
    /// none, if anything was dropped there.</summary>
    public IReadOnlyList<CpuLosses> Cpus { get; }

    /// <summary>Records lost in the rings, over all CPUs; null if that is unknown for one of them.</summary>
    public ulong? Lost
    {
        get
        {
            ulong? sum = 0;
            foreach (CpuLosses cpu in Cpus)
                sum += cpu.Lost;

            return sum;
        }
    }

    /// <summary>Whether the counts of all CPUs are complete.</summary>
    public bool IsExact => Cpus.All(static cpu => cpu.IsExact);

    /// <summary>Whether anything is known to be lost on any CPU.</summary>
    public bool IsAny => Cpus.Any(static cpu => cpu.IsAny);
}
