using System.Numerics;
using PerfRing.Abi;

namespace PerfRing;

/// <summary>How a <see cref="PerfEventReader"/> is opened. Immutable; checked when the reader is opened.</summary>
public sealed record PerfEventReaderOptions
{
    /// <summary>The default of <see cref="BufferSize"/>: with its page of positions it is what every user may lock for each
    /// CPU without a capability (kernel.perf_event_mlock_kb is 516).</summary>
    public const int DefaultBufferSize = PerfEventRing.DefaultSize;

    private const int LargestBufferSize = 1 << 30;

    private const SampleFields KnownFields = SampleFields.InstructionPointer | SampleFields.ThreadId | SampleFields.Time
        | SampleFields.Address | SampleFields.CallChain | SampleFields.Cpu | SampleFields.Period | SampleFields.Raw
        | SampleFields.EventId;

    /// <summary>Bytes for records, in each ring; there is one ring a CPU.</summary>
    /// <remarks>Default 512 KiB; 1 byte to 1 GiB, rounded up to a power of two of pages. <see cref="RingReader.BufferSize"/>
    /// tells what it became.</remarks>
    public int BufferSize { get; init; } = DefaultBufferSize;

    /// <summary>What happens when a ring is full.</summary>
    /// <remarks>Default <see cref="BufferMode.Forward"/>. The other modes are for flight recorders: such a reader is read only
    /// while paused, see <see cref="PerfEventReader.Pause"/>.</remarks>
    public BufferMode BufferMode { get; init; }

    /// <summary>How the reader is paused.</summary>
    /// <remarks>Default <see cref="PauseMethod.Output"/>.</remarks>
    public PauseMethod PauseMethod { get; init; }

    /// <summary>When a waiting read is woken.</summary>
    /// <remarks>Default null: when a ring is a quarter full, within <see cref="Wakeup.DefaultLongestDelay"/>.</remarks>
    public Wakeup? Wakeup { get; init; }

    /// <summary>Whether a native thread moves records out of the kernel's rings as they come, and how; see
    /// <see cref="StagingOptions"/>.</summary>
    /// <remarks>Default null: records are read where the kernel wrote them. Only with <see cref="BufferMode.Forward"/>. The
    /// threshold of <see cref="Wakeup"/> wakes the thread, and its longest delay is the thread's.</remarks>
    public StagingOptions? Staging { get; init; }

    /// <summary>The CPUs to read.</summary>
    /// <remarks>Default null: those that are online when the reader is opened. One that is named here and offline gets its ring all the
    /// same, and its events when it comes: name <see cref="CpuTopology.Possible"/> to read every CPU that ever comes, at the
    /// price of a ring for each.</remarks>
    public CpuSet? Cpus { get; init; }

    /// <summary>The process to watch: its threads and those that they will start.</summary>
    /// <remarks>Default null: every process. The threads are listed when the reader is opened; one that another thread starts in
    /// that very moment may be missed. Not for BPF output.</remarks>
    public int? ProcessId { get; init; }

    /// <summary>What each sample carries.</summary>
    /// <remarks>Default: time, thread and payload. <see cref="SampleFields.EventId"/> is added when there are several
    /// sources.</remarks>
    public SampleFields Fields { get; init; } = SampleFields.Time | SampleFields.ThreadId | SampleFields.Raw;

    /// <summary>The clock of <see cref="Record.Time"/>.</summary>
    /// <remarks>Default <see cref="EventClock.Monotonic"/>.</remarks>
    public EventClock Clock { get; init; } = EventClock.Monotonic;

    /// <summary>Whether to leave out what happens in the kernel. Without it, an ordinary user may not open events where
    /// kernel.perf_event_paranoid is 2, the default of most distributions.</summary>
    /// <remarks>Default false.</remarks>
    public bool UserSpaceOnly { get; init; }

    /// <summary>The most callers in <see cref="Record.CallChain"/>.</summary>
    /// <remarks>Default 127; 1 to kernel.perf_event_max_stack.</remarks>
    public int MaximumStackDepth { get; init; } = PerfEvent.DefaultMaxStack;

    /// <summary>Whether events stay silent until <see cref="PerfEventReader.Enable"/>.</summary>
    /// <remarks>Default false: they are enabled when all rings are open.</remarks>
    public bool StartDisabled { get; init; }

    /// <summary>Where the lists of CPUs come from.</summary>
    /// <remarks>Default: the system.</remarks>
    public CpuTopology Topology { get; init; } = CpuTopology.FromSystem();

    /// <summary>Checks what does not depend on the sources.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or two contradict each other.</exception>
    internal void Validate()
    {
        if (BufferSize is < 1 or > LargestBufferSize)
            throw Out(nameof(BufferSize), BufferSize, "1 byte to 1 GiB");

        if ((Fields & ~KnownFields) != 0)
            throw Out(nameof(Fields), Fields, $"a combination of {KnownFields}");

        if (!Enum.IsDefined(Clock))
            throw Out(nameof(Clock), Clock, "one of the kernel's clocks");

        if (!Enum.IsDefined(BufferMode))
            throw Out(nameof(BufferMode), BufferMode, "one of the modes");

        if (!Enum.IsDefined(PauseMethod))
            throw Out(nameof(PauseMethod), PauseMethod, "one of the methods");

        if (BufferMode != BufferMode.Forward && Wakeup is not null)
            throw new ArgumentException("An overwriting reader is read while paused: no record wakes it, and Wakeup means nothing.");

        if (BufferMode != BufferMode.Forward && Staging is not null)
        {
            throw new ArgumentException(
                "An overwriting ring is read while paused, in one piece: there is nothing to move out of it meanwhile, and Staging "
                + "means nothing.");
        }

        Staging?.Validate();
        if (MaximumStackDepth is < 1 or > ushort.MaxValue)
            throw Out(nameof(MaximumStackDepth), MaximumStackDepth, "1 to kernel.perf_event_max_stack");

        if (ProcessId is < 1)
            throw Out(nameof(ProcessId), ProcessId, "the id of a process");

        if (Cpus is { Count: 0 })
            throw new ArgumentException("Cpus is empty: leave it null for all CPUs that are online.");
    }

    /// <summary>The size of each ring: a power of two of pages.</summary>
    internal int RoundedBufferSize => (int)BitOperations.RoundUpToPowerOf2(
        (uint)Math.Max(BufferSize, Environment.SystemPageSize));

    /// <summary>The threshold, checked against the ring that has to hold it.</summary>
    internal Wakeup EffectiveWakeup(SampleLayout layout)
    {
        int size = RoundedBufferSize;
        int smallest = (int)layout.SampleSize(0);
        if (BufferMode != BufferMode.Forward)
            return PerfRing.Wakeup.Polled;

        Wakeup wakeup = Wakeup ?? PerfRing.Wakeup.AfterBytes(size / 4);
        if (wakeup.Kind == WakeupKind.Bytes && wakeup.Threshold > size - smallest)
        {
            throw Out(nameof(Wakeup), wakeup, $"at most {size - smallest} bytes: a ring of {size} bytes is full when the next sample "
                + "does not fit, so the kernel would wake about once a lap or never. Use Wakeup.Polled if that is meant");
        }

        // One byte of a ring always stays free, or full would look like empty (CIRC_SPACE in the kernel).
        int most = (size - 1) / smallest;
        if (wakeup.Kind == WakeupKind.Events && wakeup.Threshold > most)
        {
            throw Out(nameof(Wakeup), wakeup, $"at most {most} events: a ring of {size} bytes holds no more samples of "
                + $"at least {smallest} bytes");
        }

        return wakeup;
    }

    /// <summary>The part of the attributes that all sources share.</summary>
    internal PerfEventAttr CreateAttr(SampleFields fields, Wakeup wakeup)
    {
        PerfEventAttr attr = new()
        {
            Size = PerfEventAttr.Length,
            SampleType = (ulong)fields,
            ClockId = (int)Clock,
            Flags = AttrFlags.Disabled | AttrFlags.SampleIdAll | AttrFlags.UseClockId,
        };
        if (UserSpaceOnly)
            attr.Flags |= AttrFlags.ExcludeKernel | AttrFlags.ExcludeHypervisor;

        if (ProcessId is not null)
            attr.Flags |= AttrFlags.Inherit;

        if (BufferMode != BufferMode.Forward)
            attr.Flags |= AttrFlags.WriteBackward;

        if (fields.HasFlag(SampleFields.CallChain))
            attr.SampleMaxStack = (ushort)MaximumStackDepth;

        switch (wakeup.Kind)
        {
            case WakeupKind.Events:
                attr.WakeupEvents = (uint)wakeup.Threshold;
                break;
            case WakeupKind.Bytes:
                // The kernel wakes when the mark is exceeded, we promise when it is reached. 0 would mean half the ring.
                attr.Flags |= AttrFlags.Watermark;
                attr.WakeupEvents = (uint)Math.Max(1, wakeup.Threshold - 1);
                break;
            case WakeupKind.Polled:
                // A mark that no ring reaches: the kernel wakes about once a lap, or never.
                attr.Flags |= AttrFlags.Watermark;
                attr.WakeupEvents = int.MaxValue;
                break;
            default:
                attr.WakeupEvents = 1;
                break;
        }

        return attr;
    }

    private static ArgumentOutOfRangeException Out(string option, object? value, string range) =>
        new(option, value, $"{nameof(PerfEventReaderOptions)}.{option} must be {range}.");
}
