namespace PerfRing;

public sealed partial class BpfRingReader
{
    /// <inheritdoc/>
    public override LossLedger ReadLosses()
    {
        ObjectDisposedException.ThrowIf(!TryHold(), this);
        try
        {
            List<CpuLosses> losses = new(Rings.Length);
            for (int source = 0; source < Maps.Count; source++)
                AddLosses(source, losses);

            return new LossLedger(losses);
        }
        finally
        {
            EndHold();
        }
    }

    /// <summary>A drop map knows CPUs, and maps by their elements. Where the CPUs share a ring, their drops are that ring's.</summary>
    private void AddLosses(int source, List<CpuLosses> losses)
    {
        DropCounts? drops = _opened.Drops?.Read(source);
        List<int> served = [];
        foreach (Ring ring in Rings)
        {
            if (ring.Origin.OnlySource != source)
                continue;

            int cpu = ring.Origin.Cpu;
            losses.Add(CpuLosses.Of(ring, cpu < 0 ? drops?.Total : drops?.Of(cpu)));
            if (cpu < 0)
                return;

            served.Add(cpu);
        }

        if (drops is not { } counted)
            return;

        // A CPU without a ring of its own drops everything.
        foreach (int cpu in counted.Cpus)
        {
            if (!served.Contains(cpu) && counted.Of(cpu) is not 0ul)
                losses.Add(new CpuLosses(cpu, counted.Of(cpu), 0, 0, 0, 0) { SourceIndex = source });
        }
    }
}
