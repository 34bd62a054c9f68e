namespace PerfRing;

/// <summary>Reads perf events: one ring a CPU, filled by the kernel.</summary>
/// <example>
/// <code>
/// using var reader = PerfEventReader.Open(PerfEventSource.Tracepoint("sched:sched_switch"));
/// while (true)
/// {
///     using RecordBatch batch = reader.Read();
///     foreach (Record record in batch)
///         Handle(record.Cpu, record.Time, record.Payload);
/// }
/// </code>
/// </example>
/// <remarks>perf_event_open(2), kernel/events/core.c. Needs CAP_PERFMON or root, or a kernel.perf_event_paranoid that allows
/// what is asked.</remarks>
public sealed partial class PerfEventReader : RingReader
{
    /// <summary>Guards what is done to the events as a whole: enabling, pausing, counting, and opening them anew.</summary>
    private readonly Lock _changing = new();
    private readonly bool _watchesCpus;

    private readonly PerfEventDescriptor[] _events;
    private readonly PerfEventDescriptor[] _owners;
    private readonly FilledSlots _slots;
    private readonly Staging? _staging;

    private PerfEventReader(
        PerfEventRings opened, Wakeup wakeup, IReadOnlyList<PerfEventSource> sources, PerfEventReaderOptions options)
        : base([.. opened.Rings], opened.Waiter, wakeup, endsWithTasks: options.ProcessId is not null)
    {
        _events = [.. opened.Events];
        _owners = [.. opened.Owners];
        _slots = opened.Slots;
        _staging = opened.Staging;
        _pauseMethod = options.PauseMethod;
        Sources = sources;
        Cpus = CpuSet.Of([.. _owners.Select(static owner => owner.Cpu)]);
        Fields = opened.Fields;
        BufferMode = options.BufferMode;
        Clock = options.Clock;
        _attr = opened.Attr;
        _topology = options.Topology;
        _eventsOf = [.. _owners.Select(owner => _events.Where(e => e.Cpu == owner.Cpu).ToArray())];
        _pulses = new CpuPulse[_owners.Length];

        // The event of a task stays alive wherever the task can't run.
        _watchesCpus = options.ProcessId is null;
        for (int ring = 0; ring < _owners.Length; ring++)
            Watch(ring, opened.Waiter);

        BeginOutages();
    }

    /// <summary>The sources, in the order in which they were given.</summary>
    public IReadOnlyList<PerfEventSource> Sources { get; }

    /// <summary>The CPUs that are read.</summary>
    public CpuSet Cpus { get; }

    /// <summary>What each sample carries, with what the reader added.</summary>
    public SampleFields Fields { get; }

    /// <summary>What happens when a ring is full.</summary>
    public BufferMode BufferMode { get; }

    /// <summary>The clock of <see cref="Record.Time"/>.</summary>
    public EventClock Clock { get; }

    internal override EventClock? StampClock => Clock;

    internal override Staging? StagedBy => _staging;

    /// <summary>Opens one source on every CPU with the default options, and enables it.</summary>
    /// <inheritdoc cref="Open(PerfEventSource, PerfEventReaderOptions)"/>
    public static PerfEventReader Open(PerfEventSource source) => Open(source, new PerfEventReaderOptions());

    /// <summary>Opens one source on every CPU, and enables it.</summary>
    /// <param name="source">What to read.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">An option is out of range, or does not go with the source.</exception>
    /// <exception cref="SystemCallException">The kernel refused; the message names the call, the error and the remedy.</exception>
    /// <exception cref="PlatformNotSupportedException">Not Linux, or the native shim is missing.</exception>
    public static PerfEventReader Open(PerfEventSource source, PerfEventReaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Open([source], options);
    }

    /// <summary>Opens several sources into the same rings, one ring a CPU, and enables them.</summary>
    /// <param name="sources">What to read; <see cref="Record.SourceIndex"/> tells which of them wrote a record.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">There is no source; or an option is out of range, or does not go with a
    /// source.</exception>
    /// <exception cref="SystemCallException">The kernel refused; the message names the call, the error and the remedy.</exception>
    /// <exception cref="PlatformNotSupportedException">Not Linux, or the native shim is missing.</exception>
    public static PerfEventReader Open(IEnumerable<PerfEventSource> sources, PerfEventReaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(options);
        PerfEventSource[] list = [.. sources];
        Interop.ShimLibrary.Require();
        options.Validate();
        SampleFields fields = FieldsFor(list, options);
        Wakeup wakeup = options.EffectiveWakeup(new SampleLayout(fields));

        PerfEventRings opened = new(list, fields, options);
        try
        {
            opened.Open(options.CreateAttr(fields, wakeup), wakeup);
            PerfEventReader reader = new(opened, wakeup, list, options);
            if (!options.StartDisabled)
                reader.Enable();

            if (reader._watchesCpus)
                CpuWatch.Shared.Add(reader);

            return reader;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Lets the events write. From any thread.</summary>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public void Enable() => Changing(() =>
    {
        if (_isEnabled)
            return;

        _isEnabled = true;
        for (int ring = 0; ring < _owners.Length; ring++)
            EnableRing(ring, Now());
    });

    /// <summary>Stops the events; what is in the rings stays readable, and the counts stand still. From any thread.</summary>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public void Disable() => Changing(() =>
    {
        _isEnabled = false;
        foreach (PerfEventDescriptor e in _events)
            e.Disable();
    });

    /// <summary>Asks the kernel for its own counts, one for each source and CPU (and thread, where a process is watched), summed up
    /// over the events of a CPU that came and went. From any thread; allocates the list.</summary>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public IReadOnlyList<PerfEventCount> ReadCounts()
    {
        PerfEventCount[] counts = new PerfEventCount[_events.Length];
        Changing(() =>
        {
            for (int i = 0; i < counts.Length; i++)
                counts[i] = _events[i].ReadCount();
        });
        return counts;
    }

    /// <inheritdoc/>
    public override LossLedger ReadLosses()
    {
        IReadOnlyList<PerfEventCount> counts = ReadCounts();
        CpuLosses[] cpus = new CpuLosses[Rings.Length];
        for (int i = 0; i < cpus.Length; i++)
            cpus[i] = CpuLosses.Of(Rings[i], Lost(Rings[i].Origin.Cpu, counts));

        return new LossLedger(cpus);
    }

    private static ulong? Lost(int cpu, IReadOnlyList<PerfEventCount> counts)
    {
        ulong? lost = 0;
        foreach (PerfEventCount count in counts)
        {
            // Null is contagious, as it should be: a sum with an unknown part is unknown.
            if (count.Cpu == cpu)
                lost += count.Lost;
        }

        return lost;
    }

    private protected override void Watch(int ring, EpollWaiter waiter)
    {
        if (_staging is not null)
        {
            _staging.Announce(ring, waiter);
            return;
        }

        // The kernel wakes all events of a ring together, so one descriptor would do; but an event hangs up when its own task
        // ends, and a ring is alive for as long as one of the tasks is.
        foreach (PerfEventDescriptor e in _events)
        {
            if (ReferenceEquals(e, _owners[ring]) || (!_watchesCpus && e.Cpu == _owners[ring].Cpu))
                waiter.Watch(e.Fd);
        }
    }

    private protected override void ThrowIfIndivisible()
    {
        if (BufferMode != BufferMode.Forward)
            throw new NotSupportedException("A reader that overwrites is read as a whole, while it is paused.");
    }

    private protected override void Close()
    {
        if (_watchesCpus)
            CpuWatch.Shared.Remove(this);

        try
        {
            _staging?.Dispose();
            _slots.Dispose();
        }
        finally
        {
            foreach (PerfEventDescriptor e in _events)
                e.Dispose();
        }
    }

    private static SampleFields FieldsFor(PerfEventSource[] sources, PerfEventReaderOptions options)
    {
        if (sources.Length == 0)
            throw new ArgumentException("There is nothing to read: give at least one source.", nameof(sources));

        HashSet<uint> maps = [];
        foreach (PerfEventSource source in sources)
        {
            ArgumentNullException.ThrowIfNull(source, nameof(sources));
            if (source.Map is null)
            {
                if (options.PauseMethod == PauseMethod.MapSlots)
                    throw new ArgumentException($"{source} has no map slots: PauseMethod.MapSlots is for BPF output.", nameof(options));

                continue;
            }

            if (!options.Fields.HasFlag(SampleFields.Raw))
            {
                throw new ArgumentException(
                    $"{source} is BPF output: without SampleFields.Raw nothing of what the program writes would arrive.", nameof(options));
            }

            if (!maps.Add(source.Map.Id))
                throw new ArgumentException($"{source} is given twice: a map has one slot for each CPU.", nameof(sources));

            if (options.ProcessId is not null)
                throw new ArgumentException($"{source} is BPF output, which can't be limited to a process.", nameof(options));
        }

        return sources.Length > 1 ? options.Fields | SampleFields.EventId : options.Fields;
    }

    private void Changing(Action action) => Held(() =>
    {
        lock (_changing)
            action();
    });

    /// <summary>Keeps the descriptors open during a call from any thread.</summary>
    private void Held(Action action)
    {
        ObjectDisposedException.ThrowIf(!TryHold(), this);
        try
        {
            action();
        }
        finally
        {
            EndHold();
        }
    }
}
