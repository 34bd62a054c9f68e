using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Facts;

/// <summary>A ring of one page for BPF output on one CPU, opened as no reader of ours would, with an epoll set beside it.</summary>
internal sealed class BareRing : IDisposable
{
    private readonly BpfTestMap _map = BpfTestMap.PerfEventArray();
    private readonly Descriptor _event;
    private readonly Descriptor _epoll;
    private readonly Mapping _mapping;

    internal BareRing(int protection, uint wakeup, AttrFlags flags = AttrFlags.None)
    {
        PerfEventAttr attr = new()
        {
            Size = PerfEventAttr.Length,
            Type = PerfEvent.TypeSoftware,
            Config = PerfEvent.SoftwareBpfOutput,
            SamplePeriod = 1,
            SampleType = (ulong)SampleFields.Raw,
            WakeupEvents = wakeup,
            Flags = flags,
        };
        Errno.ThrowIfFailed(Shim.PerfEventOpen(attr, -1, 0, -1, PerfEvent.FlagCloseOnExec, out int fd), "perf_event_open", "");
        _event = new Descriptor(fd);
        int result = Mapping.TryMap(_event, (nuint)(2 * Environment.SystemPageSize), protection, 0, out Mapping? mapping);
        Errno.ThrowIfFailed(result, "mmap", "");
        _mapping = mapping!;
        _map.Update(0, _event);
        Errno.ThrowIfFailed(Shim.EpollCreate(out int epoll), "epoll_create1", "");
        _epoll = new Descriptor(epoll);
        Program = new PerfOutputProgram(_map);
    }

    internal PerfOutputProgram Program { get; }

    /// <summary>How far the kernel says that it has written; negative for a ring that is written backwards.</summary>
    internal long Head => (long)RingCursorOf(_mapping).LoadProducer();

    /// <summary>Adds the ring to the epoll set.</summary>
    internal void Watch() => Errno.ThrowIfFailed(Shim.EpollAdd(_epoll, _event, Epoll.In, 0), "epoll_ctl", "");

    /// <summary>Looks, without waiting, whether the ring is ready.</summary>
    internal bool IsReady()
    {
        Span<Ready> ready = stackalloc Ready[1];
        Errno.ThrowIfFailed(PollCall.Wait(_epoll, ready, 0, out int count), "epoll_pwait2", "");
        return count != 0;
    }

    public void Dispose()
    {
        Program.Dispose();
        _map.Dispose();
        _epoll.Dispose();
        _mapping.Dispose();
        _event.Dispose();
    }

    // SAFETY: the mapping begins with the page of words, and outlives the cursor.
    private static unsafe RingCursor RingCursorOf(Mapping mapping) => RingCursor.OfPerfPage(mapping.Address);
}
