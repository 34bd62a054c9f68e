using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

/// <summary>A perf event array, a BPF program that writes through it, and a reader on all CPUs.</summary>
internal sealed class BpfOutput : IDisposable
{
    private readonly BpfTestMap _map = BpfTestMap.PerfEventArray();

    internal BpfOutput(PerfEventReaderOptions options)
    {
        Program = new PerfOutputProgram(_map);
        using BpfMap map = BpfMap.FromDescriptor(_map.Descriptor);
        Reader = PerfEventReader.Open(PerfEventSource.BpfOutput(map), options);
    }

    internal PerfOutputProgram Program { get; }

    internal PerfEventReader Reader { get; }

    internal BpfTestMap Map => _map;

    /// <summary>Small rings of one page, nothing in a sample but what the program wrote.</summary>
    internal static PerfEventReaderOptions OnePage { get; } = new()
    {
        BufferSize = Environment.SystemPageSize,
        Fields = SampleFields.Raw,
    };

    public void Dispose()
    {
        Reader.Dispose();
        Program.Dispose();
        _map.Dispose();
    }
}
