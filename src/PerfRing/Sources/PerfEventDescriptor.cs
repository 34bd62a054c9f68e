using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>One source, on one CPU, of one task or of all: a perf event, or one after the other.</summary>
/// <remarks>An event of a whole CPU is dead for good once its CPU went offline. It is then replaced, and this object stays: what the
/// kernel counted is summed up over all of them. Not thread-safe.</remarks>
internal sealed partial class PerfEventDescriptor : IDisposable
{
    private const int AllTasks = -1;

    /// <summary>Whether the kernel is older than 6.0 and refused PERF_FORMAT_LOST.</summary>
    private static bool _lacksLost;

    private PerfEventDescriptor(Descriptor fd, Descriptor? live, PerfEventSource source, int sourceIndex, int cpu)
    {
        Fd = fd;
        Live = live;
        Source = source;
        SourceIndex = sourceIndex;
        Cpu = cpu;
    }

    /// <summary>The first event, which a ring is mapped and watched through for its whole life, whatever becomes of the event
    /// itself.</summary>
    internal Descriptor Fd { get; private set; }

    /// <summary>The event that counts and writes; null while the CPU has never been online.</summary>
    internal Descriptor? Live { get; private set; }

    internal PerfEventSource Source { get; }

    internal int SourceIndex { get; }

    internal int Cpu { get; }

    /// <summary>The kernel's id of the event, which samples carry.</summary>
    internal ulong Id { get; private set; }

    /// <summary>Opens the event, disabled.</summary>
    /// <returns>0 and the event, or -errno; the caller decides which refusals it can live with.</returns>
    internal static int TryOpen(
        PerfEventSource source, int sourceIndex, PerfEventAttr attr, int cpu, int? thread, out PerfEventDescriptor? opened)
    {
        opened = null;
        int result = TryOpen(source, attr, cpu, thread ?? AllTasks, out Descriptor? fd, out ulong id);
        if (result == 0)
            opened = new PerfEventDescriptor(fd!, fd, source, sourceIndex, cpu) { Id = id };

        return result;
    }

    /// <summary>Makes the ring that this event, and those redirected to it, write into.</summary>
    internal Ring MapRing(int bufferSize, BufferMode mode, RecordOrigin origin)
    {
        int page = Environment.SystemPageSize;
        Mapping mapping = Map(bufferSize, mode);
        return mode == BufferMode.Forward
            ? new PerfEventRing(mapping, page, origin)
            : new OverwritingPerfRing(mapping, page, origin, mode == BufferMode.OverwriteOldestFirst);
    }

    /// <summary>The same for a ring that is staged.</summary>
    internal KernelRing MapStaged(int bufferSize) => KernelRing.OfPerf(Map(bufferSize, BufferMode.Forward));

    /// <summary>Makes this event write into the ring of another one of the same CPU.</summary>
    internal void RedirectTo(PerfEventDescriptor owner) => Redirect(Live!, owner);

    internal void Enable()
    {
        if (Live is { } live)
            Errno.ThrowIfFailed(Shim.PerfEventEnable(live), "ioctl(PERF_EVENT_IOC_ENABLE)", $"{Source} on CPU {Cpu}");
    }

    internal void Disable()
    {
        if (Live is { } live)
            Errno.ThrowIfFailed(Shim.PerfEventDisable(live), "ioctl(PERF_EVENT_IOC_DISABLE)", $"{Source} on CPU {Cpu}");
    }

    /// <summary>Stops, or lets go on, what is written into the ring of this event. Does not wait for writers in flight.</summary>
    internal void PauseOutput(bool pause) => Errno.ThrowIfFailed(
        Shim.PerfEventPauseOutput(Fd, pause ? 1u : 0u), "ioctl(PERF_EVENT_IOC_PAUSE_OUTPUT)", $"the ring of CPU {Cpu}");

    public void Dispose()
    {
        Live?.Dispose();
        Fd.Dispose();
    }

    private static int TryOpen(
        PerfEventSource source, PerfEventAttr attr, int cpu, int thread, out Descriptor? opened, out ulong id)
    {
        opened = null;
        id = 0;
        source.Configure(ref attr);
        int result = TryOpen(ref attr, cpu, thread, out int fd);
        if (result != 0)
            return result;

        Descriptor descriptor = new(fd);
        try
        {
            Span<ulong> words = stackalloc ulong[Words];
            ReadWords(descriptor, source, cpu, words);
            id = words[3];
            SetFilter(descriptor, source);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }

        opened = descriptor;
        return 0;
    }

    private static int TryOpen(ref PerfEventAttr attr, int cpu, int thread, out int fd)
    {
        attr.ReadFormat = PerfEvent.FormatTotalTimeEnabled | PerfEvent.FormatTotalTimeRunning | PerfEvent.FormatId;
        if (!_lacksLost)
            attr.ReadFormat |= PerfEvent.FormatLost;

        int result = Shim.PerfEventOpen(attr, thread, cpu, -1, PerfEvent.FlagCloseOnExec, out fd);
        if (result != -Errno.EINVAL || _lacksLost)
            return result;

        attr.ReadFormat &= ~PerfEvent.FormatLost;
        int without = Shim.PerfEventOpen(attr, thread, cpu, -1, PerfEvent.FlagCloseOnExec, out fd);
        _lacksLost = without == 0;
        return without;
    }

    private Mapping Map(int bufferSize, BufferMode mode)
    {
        // A mapping that can't be written has no consumer: the kernel then overwrites.
        nuint length = (nuint)Environment.SystemPageSize + (nuint)bufferSize;
        int protection = mode == BufferMode.Forward ? Mmap.ProtectionRead | Mmap.ProtectionWrite : Mmap.ProtectionRead;
        int result = Mapping.TryMap(Fd, length, protection, 0, out Mapping? mapping);
        Errno.ThrowIfFailed(result, "mmap", PerfEventRemedy.ForMapping(-result, bufferSize, Cpu));
        return mapping!;
    }

    private static void SetFilter(Descriptor fd, PerfEventSource source)
    {
        if (source.Filter is not { } filter)
            return;

        int result = Shim.PerfEventSetFilter(fd, filter);
        Errno.ThrowIfFailed(result, "ioctl(PERF_EVENT_IOC_SET_FILTER)",
            $"the kernel does not understand the filter '{filter}' for {source}: see its fields in tracefs, events/*/*/format");
    }

    private void Redirect(Descriptor fd, PerfEventDescriptor owner) => Errno.ThrowIfFailed(
        Shim.PerfEventSetOutput(fd, owner.Fd), "ioctl(PERF_EVENT_IOC_SET_OUTPUT)",
        $"{Source} on CPU {Cpu} into the ring of {owner.Source}");
}
