using PerfRing.Testing;

namespace PerfRing.KernelTests.Contract;

/// <summary>BPF ring buffers, filled by <c>bpf_ringbuf_output</c>: one that every CPU writes, or one for each.</summary>
internal sealed class BpfRingUnderTest : ProgramUnderTest
{
    private readonly BpfTestMap[] _maps;
    private readonly BpfTestMap _drops;

    private BpfRingUnderTest(RingOutputProgram program, BpfRingReader reader, BpfTestMap[] maps, BpfTestMap drops, int[] cpus)
        : base(program, cpus, hasRingPerCpu: reader.Cpus.Count != 0)
    {
        Reader = reader;
        _maps = maps;
        _drops = drops;
    }

    internal override RingReader Reader { get; }

    internal override bool LossesAreKnown => true;

    /// <summary>One ring buffer of a page.</summary>
    internal static BpfRingUnderTest Single(ReadingOptions options)
    {
        BpfTestMap ring = BpfTestMap.RingBuffer(Environment.SystemPageSize);
        return Create(options, ring, [ring], [0]);
    }

    /// <summary>An array of ring buffers, one for each CPU.</summary>
    internal static BpfRingUnderTest PerCpu(ReadingOptions options)
    {
        int[] cpus = MachineCpus.Online();
        BpfTestMap[] rings = [.. cpus.Select(static _ => BpfTestMap.RingBuffer(Environment.SystemPageSize))];
        BpfTestMap array = BpfTestMap.ArrayOfMaps(MachineCpus.IdLimit, rings[0]);
        for (int i = 0; i < cpus.Length; i++)
            array.Update((uint)cpus[i], rings[i]);

        return Create(options, array, [array, .. rings], cpus);
    }

    public override void Dispose()
    {
        base.Dispose();
        _drops.Dispose();
        foreach (BpfTestMap map in _maps)
            map.Dispose();
    }

    private static BpfRingUnderTest Create(ReadingOptions options, BpfTestMap written, BpfTestMap[] maps, int[] cpus)
    {
        BpfTestMap drops = BpfTestMap.PerCpuArray(sizeof(ulong), 1);
        using BpfMap map = BpfMap.FromDescriptor(written.Descriptor);
        using BpfMap dropMap = BpfMap.FromDescriptor(drops.Descriptor);
        BpfRingReader reader = BpfRingReader.Open(
            map, new BpfRingReaderOptions { Wakeup = options.Wakeup, Drops = dropMap, Staging = options.Staging });
        return new BpfRingUnderTest(new RingOutputProgram(written, drops), reader, maps, drops, cpus);
    }
}
