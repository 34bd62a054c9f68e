using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>A reader over scripted rings. Nothing ever makes a descriptor ready, unless a test watches one.</summary>
internal sealed class FakeReader : RingReader
{
    private readonly Waiter _waiter;
    private readonly List<Waiter> _laneWaiters = [];
    private readonly Staging? _staging;
    private int _closes;

    internal FakeReader(params FakePerfRing[] rings)
        : this(Wakeup.Immediate, rings)
    {
    }

    internal FakeReader(Wakeup wakeup, params FakePerfRing[] rings)
        : this(wakeup, new EpollWaiter(), rings)
    {
    }

    /// <param name="wakeup">When a waiting read looks.</param>
    /// <param name="waiter">Now owned by the reader. If it watches descriptors, the reader ends with them.</param>
    /// <param name="rings">Unmapped with the reader.</param>
    internal FakeReader(Wakeup wakeup, Waiter waiter, params FakePerfRing[] rings)
        : this(wakeup, waiter, [.. rings.Select(static ring => (Ring)ring.Ring)])
    {
    }

    /// <param name="wakeup">When a waiting read looks.</param>
    /// <param name="rings">Any rings, now owned by the reader.</param>
    internal FakeReader(Wakeup wakeup, params Ring[] rings)
        : this(wakeup, new EpollWaiter(), rings)
    {
    }

    private FakeReader(Wakeup wakeup, Waiter waiter, Ring[] rings)
        : base(rings, waiter, wakeup, endsWithTasks: waiter.Watching != 0) => _waiter = waiter;

    private FakeReader(Wakeup wakeup, EpollWaiter waiter, Ring[] rings, Staging staging, bool endsWithTasks)
        : base(rings, waiter, wakeup, endsWithTasks)
    {
        _waiter = waiter;
        _staging = staging;
        for (int ring = 0; ring < rings.Length; ring++)
            Watch(ring, waiter);
    }

    /// <summary>A reader over staging rings, which the native thread fills from scripted rings of the kernel.</summary>
    /// <param name="wakeup">Its longest delay is the thread's.</param>
    /// <param name="options">How large the staging rings are.</param>
    /// <param name="announcer">What the thread watches; null for nothing.</param>
    /// <param name="endsWithTasks">Whether the reader ends when the announcer hangs up.</param>
    /// <param name="rings">What is staged, and what its records have in common.</param>
    internal static FakeReader Staged(
        Wakeup wakeup,
        StagingOptions options,
        Descriptor? announcer,
        bool endsWithTasks,
        params (KernelRing Kernel, RecordOrigin Origin)[] rings)
    {
        EpollWaiter waiter = new();
        Staging staging = new(options);
        Ring[] staged = [.. rings.Select(ring => staging.Stage(ring.Kernel, ring.Origin))];
        if (announcer is not null)
            staging.Watch(announcer, onEdge: !endsWithTasks);

        staging.Start(wakeup.LongestDelay);
        return new FakeReader(wakeup, waiter, staged, staging, endsWithTasks);
    }

    /// <summary>How often the reader was closed: once, when its last user has left.</summary>
    internal int Closes => Volatile.Read(ref _closes);

    /// <summary>Ends a wait for no reason, as a signal does; also that of each lane.</summary>
    internal void Nudge()
    {
        _waiter.Wake();
        foreach (Waiter waiter in _laneWaiters)
            waiter.Wake();
    }

    /// <summary>The ledger's entry of one ring; the kernel's own count is unknown, as there is no kernel.</summary>
    internal CpuLosses Losses(int ring = 0) => CpuLosses.Of(Rings[ring], lost: null);

    public override LossLedger ReadLosses() => new([.. Enumerable.Range(0, Rings.Length).Select(Losses)]);

    internal override Staging? StagedBy => _staging;

    internal override Waiter CreateWaiter(int ring)
    {
        Waiter waiter = base.CreateWaiter(ring);
        _laneWaiters.Add(waiter);
        return waiter;
    }

    private protected override void Watch(int ring, EpollWaiter waiter) => _staging?.Announce(ring, waiter);

    private protected override void Close()
    {
        _staging?.Dispose();
        Interlocked.Increment(ref _closes);
    }
}
