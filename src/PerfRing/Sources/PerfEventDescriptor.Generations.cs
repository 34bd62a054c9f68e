using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

internal sealed partial class PerfEventDescriptor
{
    /// <summary>The event that is to take the place of the one that is gone.</summary>
    private Descriptor? _next;
    private ulong _nextId;

    /// <summary>Whether a CPU is offline, by the kernel's own word.</summary>
    internal static bool IsOffline(int cpu)
    {
        PerfEventAttr attr = new()
        {
            Size = PerfEventAttr.Length,
            Type = PerfEvent.TypeSoftware,
            Config = PerfEvent.SoftwareDummy,
            Flags = AttrFlags.Disabled,
        };
        int result = Shim.PerfEventOpen(attr, AllTasks, cpu, -1, PerfEvent.FlagCloseOnExec, out int fd);
        if (result == 0)
            new Descriptor(fd).Dispose();

        return result == -Errno.ENODEV;
    }

    /// <summary>Makes room for the events of a CPU that is offline: an event that counts nothing, of this process on that CPU, which
    /// the kernel opens also then, and which outlives whatever the CPU does.</summary>
    /// <returns>0 and what to map the ring through, or -errno.</returns>
    internal static int TryOpenAbsent(
        PerfEventSource source, int sourceIndex, PerfEventAttr attr, int cpu, out PerfEventDescriptor? opened)
    {
        opened = null;
        attr.Type = PerfEvent.TypeSoftware;
        attr.Config = PerfEvent.SoftwareDummy;
        attr.SamplePeriod = 0;
        int result = TryOpen(ref attr, cpu, Environment.ProcessId, out int fd);
        if (result == 0)
            opened = new PerfEventDescriptor(new Descriptor(fd), null, source, sourceIndex, cpu);

        return result;
    }

    /// <summary>Opens the event that is to take the place of the one that is gone: disabled, with its filter, and writing into the
    /// same ring.</summary>
    /// <param name="attr">As for the first.</param>
    /// <param name="owner">What the ring is mapped through; may be this.</param>
    /// <returns>0 or -errno; ENODEV while the CPU is offline.</returns>
    internal int TryOpenNext(PerfEventAttr attr, PerfEventDescriptor owner)
    {
        int result = TryOpen(Source, attr, Cpu, AllTasks, out _next, out _nextId);
        if (result == 0)
            Redirect(_next!, owner);

        return result;
    }

    /// <summary>Gives up what was opened to follow.</summary>
    internal void DropNext()
    {
        _next?.Dispose();
        _next = null;
    }

    /// <summary>Stops the event that is gone, which may be alive when the CPU went while several events were being opened.</summary>
    internal void StopLast()
    {
        // A dead event says nothing that matters here.
        if (Live is { } live)
            _ = Shim.PerfEventDisable(live);
    }

    /// <summary>Puts the new event into the place of the one that is gone.</summary>
    /// <param name="isOwner">Whether a ring is mapped through the first event, which is then kept.</param>
    internal void Replace(bool isOwner)
    {
        AddUp();
        if (Live is { } gone && (!isOwner || !ReferenceEquals(gone, Fd)))
            gone.Dispose();

        Live = _next;
        Id = _nextId;
        _next = null;
        if (!isOwner)
        {
            // The place of an event that was never there is not needed any more.
            Fd.Dispose();
            Fd = Live!;
        }
    }
}
