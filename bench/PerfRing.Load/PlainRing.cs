using System.Diagnostics;
using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.Load;

/// <summary>A perf ring of its own for the C loop, with the same attributes as the reader's.</summary>
internal sealed class PlainRing : IDisposable
{
    private const int DefaultSize = 1 << 20;

    private readonly int _cpu;
    private readonly int _size;
    private readonly Descriptor _event;
    private readonly Mapping _mapping;

    internal PlainRing(int cpu, int size = DefaultSize)
    {
        _cpu = cpu;
        _size = size;
        PerfEventAttr attr = new()
        {
            Size = PerfEventAttr.Length,
            Type = PerfEvent.TypeSoftware,
            Config = PerfEvent.SoftwareBpfOutput,
            SamplePeriod = 1,
            SampleType = (ulong)SampleFields.Raw,
            Flags = AttrFlags.Watermark,
            WakeupEvents = int.MaxValue,
        };
        Errno.ThrowIfFailed(
            Shim.PerfEventOpen(attr, -1, cpu, -1, PerfEvent.FlagCloseOnExec, out int fd), "perf_event_open", "run as root");
        _event = new Descriptor(fd);
        int result = Mapping.TryMap(
            _event, (nuint)(Environment.SystemPageSize + size), Mmap.ProtectionRead | Mmap.ProtectionWrite, 0, out Mapping? mapping);
        Errno.ThrowIfFailed(result, "mmap", "run as root");
        _mapping = mapping!;
    }

    /// <summary>The ring, which whoever reads it in another way may dispose.</summary>
    internal Mapping Mapping => _mapping;

    /// <summary>Makes the program write here.</summary>
    internal void Fill(BpfTestMap map) => map.Update((uint)_cpu, _event);

    internal (ulong Records, ulong Sum, long Ticks) Drain()
    {
        ulong sum = 0;
        long start = Stopwatch.GetTimestamp();
        ulong records = PlainLoop.Drain(
            _mapping.DangerousGetHandle(), (ulong)Environment.SystemPageSize, (ulong)_size, ref sum);
        return (records, sum, Stopwatch.GetTimestamp() - start);
    }

    public void Dispose()
    {
        _mapping.Dispose();
        _event.Dispose();
    }
}
