using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

/// <summary>A BPF ring buffer, programs that write into it, and a reader.</summary>
internal sealed class BpfRing : IDisposable
{
    internal BpfRing(BpfRingReaderOptions? options = null, int pages = 1)
    {
        Map = BpfTestMap.RingBuffer(pages * Environment.SystemPageSize);
        Program = new RingOutputProgram(Map);
        Reserve = new RingReserveProgram(Map);
        Reader = Open(options ?? new BpfRingReaderOptions());
    }

    /// <summary>Woken by the kernel or not at all.</summary>
    internal static BpfRingReaderOptions Never { get; } = new() { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) };

    internal BpfTestMap Map { get; }

    internal RingOutputProgram Program { get; }

    internal RingReserveProgram Reserve { get; }

    internal BpfRingReader Reader { get; }

    /// <summary>Another reader of the same map.</summary>
    internal BpfRingReader Open(BpfRingReaderOptions options)
    {
        using BpfMap map = BpfMap.FromDescriptor(Map.Descriptor);
        return BpfRingReader.Open(map, options);
    }

    public void Dispose()
    {
        Reader.Dispose();
        Reserve.Dispose();
        Program.Dispose();
        Map.Dispose();
    }
}
