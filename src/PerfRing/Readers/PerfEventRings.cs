using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>Opens what a reader consists of: for each CPU the events, the first of which owns the ring, and the slots.</summary>
/// <remarks>Keyed by CPU id throughout: lists of CPUs have gaps. Disposing undoes everything that was opened so far.</remarks>
internal sealed class PerfEventRings : IDisposable
{
    private readonly PerfEventSource[] _sources;
    private readonly PerfEventReaderOptions _options;
    private readonly SampleLayout _layout;

    internal PerfEventRings(PerfEventSource[] sources, SampleFields fields, PerfEventReaderOptions options)
    {
        _sources = sources;
        _options = options;
        _layout = new SampleLayout(fields);
        Fields = fields;
        Staging = options.Staging is { } staging ? new Staging(staging) : null;
    }

    internal SampleFields Fields { get; }

    /// <summary>What the events were opened with, for those that follow them.</summary>
    internal PerfEventAttr Attr { get; private set; }

    internal EpollWaiter Waiter { get; } = new();

    internal FilledSlots Slots { get; } = new();

    /// <summary>What moves records out of the kernel's rings; null where they are read in place.</summary>
    internal Staging? Staging { get; }

    internal List<PerfEventDescriptor> Events { get; } = [];

    internal List<Ring> Rings { get; } = [];

    /// <summary>The event that owns the ring, for each ring.</summary>
    internal List<PerfEventDescriptor> Owners { get; } = [];

    internal void Open(in PerfEventAttr attr, Wakeup wakeup)
    {
        OpenAll(attr);
        Staging?.Start(wakeup.LongestDelay);
    }

    private void OpenAll(in PerfEventAttr attr)
    {
        Attr = attr;
        int[] threads = _options.ProcessId is { } process ? ThreadsOf(process) : [];
        foreach (int cpu in _options.Cpus ?? _options.Topology.Online)
            Open(attr, cpu, threads);

        if (Rings.Count != 0)
            return;

        if (_options.ProcessId is { } ended)
            throw new SystemCallException("perf_event_open", Errno.ESRCH, $"process {ended} has ended");

        throw new InvalidOperationException("There is no CPU to read: the topology names none that is online.");
    }

    public void Dispose()
    {
        Staging?.Dispose();
        Slots.Dispose();
        foreach (Ring ring in Rings)
            ring.Dispose();

        foreach (PerfEventDescriptor e in Events)
            e.Dispose();

        Waiter.Dispose();
    }

    private void Open(in PerfEventAttr attr, int cpu, int[] threads)
    {
        PerfEventDescriptor? owner = null;
        RecordOrigin origin = new(cpu, _layout);
        for (int source = 0; source < _sources.Length; source++)
        {
            for (int i = 0; i < Math.Max(1, threads.Length); i++)
            {
                int? thread = threads.Length == 0 ? null : threads[i];
                int result = PerfEventDescriptor.TryOpen(_sources[source], source, attr, cpu, thread, out PerfEventDescriptor? opened);

                // A CPU that is offline, or went since the list was read: its ring waits for it.
                if (result == -Errno.ENODEV && thread is null && PerfEventDescriptor.IsOffline(cpu))
                    result = PerfEventDescriptor.TryOpenAbsent(_sources[source], source, attr, cpu, out opened);

                // A thread that has ended: nothing to watch there.
                if (result == -Errno.ESRCH && threads.Length > 1)
                    continue;

                Errno.ThrowIfFailed(
                    result, "perf_event_open", PerfEventRemedy.ForOpening(-result, _sources[source], cpu, _options.ProcessId));
                Events.Add(opened!);
                if (opened!.Live is not null)
                    origin.Add(opened.Id, source);

                Attach(opened, ref owner, origin);
            }
        }
    }

    private void Attach(PerfEventDescriptor opened, ref PerfEventDescriptor? owner, RecordOrigin origin)
    {
        if (owner is null)
        {
            owner = opened;
            Rings.Add(Staging is null
                ? opened.MapRing(_options.RoundedBufferSize, _options.BufferMode, origin)
                : Staging.Stage(opened.MapStaged(_options.RoundedBufferSize), origin));
            Owners.Add(opened);
        }
        else if (opened.Live is not null)
        {
            opened.RedirectTo(owner);
        }

        // As PerfEventReader.Watch has it for a waiter.
        if (Staging is not null && (ReferenceEquals(owner, opened) || _options.ProcessId is not null))
            Staging.Watch(opened.Fd);

        if (opened.Source.Map is not null)
            Slots.Fill(opened);
    }

    private static int[] ThreadsOf(int process)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{process}/task").Select(d => int.Parse(Path.GetFileName(d.AsSpan())))];
        }
        catch (DirectoryNotFoundException)
        {
            throw new SystemCallException("perf_event_open", Errno.ESRCH, $"there is no process {process}");
        }
    }
}
