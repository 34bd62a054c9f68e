using PerfRing.Testing;

namespace PerfRing.KernelTests.Drops;

/// <summary>Ring buffers of a page, a program that writes them and counts its drops, and the map of those counts.</summary>
internal sealed class CountedRing : IDisposable
{
    /// <summary>Far more records than a page holds.</summary>
    internal const int MoreThanFits = 1_000;

    /// <summary>Bytes of each payload.</summary>
    internal const int Size = 8;

    private readonly BpfTestMap[] _rings;
    private readonly BpfTestMap _written;
    private readonly BpfTestMap _drops = BpfTestMap.PerCpuArray(sizeof(ulong), 1);

    /// <param name="cpus">Those that get a ring of their own; without any, all share one.</param>
    internal CountedRing(params int[] cpus)
    {
        _rings = [.. Enumerable.Range(0, Math.Max(1, cpus.Length)).Select(_ => BpfTestMap.RingBuffer(Environment.SystemPageSize))];
        _written = cpus.Length == 0 ? _rings[0] : BpfTestMap.ArrayOfMaps(MachineCpus.IdLimit, _rings[0]);
        for (int i = 0; i < cpus.Length; i++)
            _written.Update((uint)cpus[i], _rings[i]);

        Program = new RingOutputProgram(_written, _drops);
    }

    internal RingOutputProgram Program { get; }

    internal BpfMap OpenDrops() => BpfMap.FromDescriptor(_drops.Descriptor);

    /// <summary>A reader that knows of the drops.</summary>
    internal BpfRingReader Open(BpfRingAccess access = BpfRingAccess.Consume)
    {
        using BpfMap drops = OpenDrops();
        return Open(new BpfRingReaderOptions { Access = access, Drops = drops });
    }

    internal BpfRingReader Open(BpfRingReaderOptions options)
    {
        using BpfMap map = BpfMap.FromDescriptor(_written.Descriptor);
        return BpfRingReader.Open(map, options);
    }

    /// <summary>Writes on one CPU.</summary>
    internal void Emit(int cpu, int count) => Program.Emit(cpu, Size, count);

    /// <summary>Forgets what was dropped, as nobody should.</summary>
    internal void SetBack() => _drops.Update(0, new byte[_drops.ElementSize]);

    public void Dispose()
    {
        Program.Dispose();
        _written.Dispose();
        _drops.Dispose();
        foreach (BpfTestMap ring in _rings)
            ring.Dispose();
    }
}
