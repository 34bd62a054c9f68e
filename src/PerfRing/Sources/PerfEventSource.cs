using PerfRing.Abi;

namespace PerfRing;

/// <summary>What makes the kernel write records into perf rings.</summary>
/// <remarks>Immutable and reusable: nothing is opened before <see cref="PerfEventReader.Open(PerfEventSource)"/>. Several sources may write into the same rings; <see cref="Record.SourceIndex"/> tells them
/// apart.</remarks>
public sealed class PerfEventSource
{
    private readonly uint _type;
    private readonly ulong _config;
    private readonly SampleRate _rate;

    private PerfEventSource(string name, uint type, ulong config, SampleRate rate)
    {
        Name = name;
        _type = type;
        _config = config;
        _rate = rate;
    }

    /// <summary>What to call it in output: <c>sched:sched_switch</c>, <c>context-switches</c>.</summary>
    public string Name { get; }

    /// <summary>The fields of a tracepoint's payload; null for the other kinds.</summary>
    public TracepointFormat? Format { get; private init; }

    /// <summary>The condition under which a tracepoint writes, in the kernel's filter language; null for always.</summary>
    public string? Filter { get; private init; }

    /// <summary>The perf event array that BPF programs write through; null for the other kinds.</summary>
    public BpfMap? Map { get; private init; }

    /// <summary>A static tracepoint of the kernel, every occurrence of it.</summary>
    /// <param name="name">As in tracefs: <c>subsystem:name</c>.</param>
    /// <param name="filter">A condition on its fields, such as <c>prev_pid != 0 &amp;&amp; next_prio &lt; 100</c>
    /// (Documentation/trace/events.rst). Events that it rejects cost no ring space and wake nobody.</param>
    /// <exception cref="ArgumentException">The name is not of that form.</exception>
    /// <exception cref="TracingUnavailableException">tracefs is not mounted or may not be read.</exception>
    /// <exception cref="TracepointNotFoundException">There is no such tracepoint; near names are suggested.</exception>
    public static PerfEventSource Tracepoint(string name, string? filter = null)
    {
        TracepointFormat format = TracepointFormat.Load(name);
        return new(name, PerfEvent.TypeTracepoint, (ulong)format.Id, SampleRate.Every(1))
        {
            Format = format,
            Filter = filter,
        };
    }

    /// <summary>A software event.</summary>
    /// <param name="softwareEvent">Which.</param>
    /// <param name="rate">How often; every occurrence by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kernel defines no such event.</exception>
    public static PerfEventSource Software(SoftwareEvent softwareEvent, SampleRate rate = default)
    {
        if (!Enum.IsDefined(softwareEvent))
            throw new ArgumentOutOfRangeException(nameof(softwareEvent), softwareEvent, "The kernel defines no such software event.");

        return new(EventNames.Of(softwareEvent), PerfEvent.TypeSoftware, (ulong)softwareEvent, rate);
    }

    /// <summary>An event of the processor.</summary>
    /// <param name="hardwareEvent">Which.</param>
    /// <param name="rate">How often.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kernel defines no such event.</exception>
    public static PerfEventSource Hardware(HardwareEvent hardwareEvent, SampleRate rate)
    {
        if (!Enum.IsDefined(hardwareEvent))
            throw new ArgumentOutOfRangeException(nameof(hardwareEvent), hardwareEvent, "The kernel defines no such hardware event.");

        return new(EventNames.Of(hardwareEvent), PerfEvent.TypeHardware, (ulong)hardwareEvent, rate);
    }

    /// <summary>Samples by the CPU's clock: what runs, so many times a second.</summary>
    /// <param name="rate">How often.</param>
    public static PerfEventSource Sampling(SampleRate rate) => Software(SoftwareEvent.CpuClock, rate);

    /// <summary>What BPF programs write with <c>bpf_perf_event_output</c> through a map.</summary>
    /// <param name="map">A BPF_MAP_TYPE_PERF_EVENT_ARRAY. The reader fills its slots and empties them when it is disposed: what
    /// another reader had put there is silenced. The caller keeps the ownership of this object and may dispose it once the
    /// reader is open.</param>
    /// <exception cref="ArgumentException">The map is of another type.</exception>
    public static PerfEventSource BpfOutput(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Type != Bpf.MapTypePerfEventArray)
        {
            throw new ArgumentException(
                $"{map} has type {map.Type}; perf rings are written through BPF_MAP_TYPE_PERF_EVENT_ARRAY "
                + $"({Bpf.MapTypePerfEventArray}).", nameof(map));
        }

        return new(map.Name.Length == 0 ? $"map {map.Id}" : map.Name, PerfEvent.TypeSoftware, PerfEvent.SoftwareBpfOutput,
            SampleRate.Every(1))
        {
            Map = map,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Sets what belongs to the event itself.</summary>
    internal void Configure(ref PerfEventAttr attr)
    {
        attr.Type = _type;
        attr.Config = _config;
        attr.SamplePeriod = _rate.Value;
        if (_rate.IsFrequency)
            attr.Flags |= AttrFlags.Frequency;
    }
}
