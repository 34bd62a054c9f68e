namespace PerfRing;

/// <summary>Reads BPF ring buffers (BPF_MAP_TYPE_RINGBUF): one, several, or one for each CPU.</summary>
/// <example>
/// <code>
/// using BpfMap map = BpfMap.OpenPinned("/sys/fs/bpf/events");
/// using var reader = BpfRingReader.Open(map);
/// while (true)
/// {
///     using RecordBatch batch = reader.Read();
///     foreach (Record record in batch)
///         Handle(record.Payload);
/// }
/// </code>
/// </example>
/// <remarks>
/// <para>kernel/bpf/ringbuf.c; needs CAP_BPF, or root. Records come in the order in which they were reserved. A record carries
/// nothing but its payload: no time, no CPU (unless each CPU has a ring of its own).</para>
/// <para>A record that a program has reserved and not finished holds back those behind it: a batch ends in front of it.
/// Records that a program discarded are passed over, and counted in <see cref="CpuLosses.Discarded"/>.</para>
/// <para>The kernel tells user space nothing of records that found no room: <see cref="CpuLosses.Lost"/> is unknown, unless the
/// program counts by the convention of <c>perfring.bpf.h</c>.</para>
/// </remarks>
public sealed partial class BpfRingReader : RingReader
{
    private readonly BpfRings _opened;

    private BpfRingReader(BpfRings opened, IReadOnlyList<BpfMap> maps, Wakeup wakeup, BpfRingAccess access)
        : base([.. opened.Rings], opened.Waiter, wakeup, endsWithTasks: false)
    {
        _opened = opened;
        Maps = [.. maps.Select(static map => map.Id)];
        Cpus = CpuSet.Of([.. opened.Rings.Select(static ring => ring.Origin.Cpu).Where(static cpu => cpu >= 0)]);
        Access = access;
    }

    /// <summary>The ids of the maps, in the order in which they were given; <see cref="Record.SourceIndex"/> is an index
    /// here.</summary>
    public IReadOnlyList<uint> Maps { get; }

    /// <summary>The CPUs that have a ring of their own; empty where they share.</summary>
    public CpuSet Cpus { get; }

    /// <summary>Whether the rings are consumed or followed.</summary>
    public BpfRingAccess Access { get; }

    /// <summary>Opens one map with the default options.</summary>
    /// <inheritdoc cref="Open(BpfMap, BpfRingReaderOptions)"/>
    public static BpfRingReader Open(BpfMap map) => Open(map, new BpfRingReaderOptions());

    /// <summary>Opens one map.</summary>
    /// <param name="map">A ring buffer; or an array of maps (BPF_MAP_TYPE_ARRAY_OF_MAPS) with a ring buffer for each CPU, at the
    /// index that is the CPU's id (opening those needs CAP_SYS_ADMIN). It may be disposed afterwards.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">The map is of another kind; or an option is out of range, or does not go with the
    /// map.</exception>
    /// <exception cref="InvalidOperationException">Another reader of this process consumes the map.</exception>
    /// <exception cref="SystemCallException">The kernel refused; the message names the call, the error and the remedy.</exception>
    /// <exception cref="PlatformNotSupportedException">Not Linux, or the native shim is missing.</exception>
    public static BpfRingReader Open(BpfMap map, BpfRingReaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Open([map], options);
    }

    /// <summary>Opens several maps, to be read together.</summary>
    /// <param name="maps">Ring buffers, or arrays of them.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">There is no map, or one is of another kind; or an option is out of range, or does not
    /// go with a map.</exception>
    /// <exception cref="InvalidOperationException">A map is given twice, or consumed by another reader of this process.</exception>
    /// <exception cref="SystemCallException">The kernel refused; the message names the call, the error and the remedy.</exception>
    /// <exception cref="PlatformNotSupportedException">Not Linux, or the native shim is missing.</exception>
    public static BpfRingReader Open(IEnumerable<BpfMap> maps, BpfRingReaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(maps);
        ArgumentNullException.ThrowIfNull(options);
        BpfMap[] list = [.. maps];
        if (list.Length == 0)
            throw new ArgumentException("There is nothing to read: give at least one map.", nameof(maps));

        Interop.ShimLibrary.Require();
        Wakeup wakeup = options.Validate();
        if (options.Drops is { } drops)
            DropCounters.Check(drops, options.DropsIndex, list.Length);

        bool announced = wakeup.Kind == WakeupKind.Immediate && options.Access == BpfRingAccess.Consume;
        BpfRings opened = new(options.Access, announced);
        try
        {
            opened.Open(list, options, wakeup);
            return new BpfRingReader(opened, list, wakeup, options.Access);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    internal override Staging? StagedBy => _opened.Staging;

    private protected override void Watch(int ring, EpollWaiter waiter) => _opened.Watch(ring, waiter);

    private protected override void Close() => _opened.ReleaseMaps();
}
