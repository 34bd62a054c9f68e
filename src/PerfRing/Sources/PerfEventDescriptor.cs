using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>One open perf event: one source, on one CPU, of one task or of all.</summary>
internal sealed class PerfEventDescriptor : IDisposable
{
    private const int AllTasks = -1;

    /// <summary>Whether the kernel is older than 6.0 and refused PERF_FORMAT_LOST.</summary>
    private static bool _lacksLost;

    private PerfEventDescriptor(Descriptor fd, PerfEventSource source, int sourceIndex, int cpu)
    {
        Fd = fd;
        Source = source;
        SourceIndex = sourceIndex;
        Cpu = cpu;
    }

    internal Descriptor Fd { get; }

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
        source.Configure(ref attr);
        opened = null;
        int result = TryOpen(ref attr, cpu, thread ?? AllTasks, out int fd);
        if (result != 0)
            return result;

        PerfEventDescriptor descriptor = new(new Descriptor(fd), source, sourceIndex, cpu);
        try
        {
            descriptor.Id = descriptor.ReadWords()[3];
            descriptor.SetFilter();
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }

        opened = descriptor;
        return 0;
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
    internal void RedirectTo(PerfEventDescriptor owner) => Errno.ThrowIfFailed(
        Shim.PerfEventSetOutput(Fd, owner.Fd), "ioctl(PERF_EVENT_IOC_SET_OUTPUT)",
        $"{Source} on CPU {Cpu} into the ring of {owner.Source}");

    internal void Enable() =>
        Errno.ThrowIfFailed(Shim.PerfEventEnable(Fd), "ioctl(PERF_EVENT_IOC_ENABLE)", $"{Source} on CPU {Cpu}");

    internal void Disable() =>
        Errno.ThrowIfFailed(Shim.PerfEventDisable(Fd), "ioctl(PERF_EVENT_IOC_DISABLE)", $"{Source} on CPU {Cpu}");

    /// <summary>Stops, or lets go on, what is written into the ring of this event. Does not wait for writers in flight.</summary>
    internal void PauseOutput(bool pause) => Errno.ThrowIfFailed(
        Shim.PerfEventPauseOutput(Fd, pause ? 1u : 0u), "ioctl(PERF_EVENT_IOC_PAUSE_OUTPUT)", $"the ring of CPU {Cpu}");

    internal PerfEventCount ReadCount()
    {
        ulong[] words = ReadWords();
        return new PerfEventCount(
            Cpu, SourceIndex, words[0], words.Length > 4 ? words[4] : null, Span(words[1]), Span(words[2]));

        static TimeSpan Span(ulong nanoseconds) => new((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    public void Dispose() => Fd.Dispose();

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

    private ulong[] ReadWords()
    {
        Span<ulong> words = stackalloc ulong[5];
        int result = PerfEventCall.Read(Fd, words, out int count);
        Errno.ThrowIfFailed(result, "read(perf event)", $"the counts of {Source} on CPU {Cpu}");

        // A pinned event that could not be scheduled reads as end of file; ours are not pinned.
        if (count < 4)
            throw new InvalidOperationException($"The kernel gave {count} words for the counts of {Source} on CPU {Cpu}.");

        return words[..count].ToArray();
    }

    private void SetFilter()
    {
        if (Source.Filter is not { } filter)
            return;

        int result = Shim.PerfEventSetFilter(Fd, filter);
        Errno.ThrowIfFailed(result, "ioctl(PERF_EVENT_IOC_SET_FILTER)",
            $"the kernel does not understand the filter '{filter}' for {Source}: see its fields in tracefs, events/*/*/format");
    }
}
