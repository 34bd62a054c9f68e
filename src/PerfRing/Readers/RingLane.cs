namespace PerfRing;

/// <summary>One ring of a reader, read by itself: a reader like any other, with a waiter of its own.</summary>
/// <remarks>
/// <para>From <see cref="RingReader.Split()"/>. Each lane has one consumer at a time; different lanes may be read by different
/// threads at the same time, in every way that a reader can be read: batches, <see cref="RingReader.Drain{THandler}"/>, awaiting,
/// pipe.</para>
/// <para>Disposing a lane gives its ring back to the reader that it is of, which can be read again when all its lanes are
/// disposed. The ring stays open, and what was not read stays in it.</para>
/// </remarks>
public sealed class RingLane : RingReader
{
    private readonly RingLanes _lanes;
    private readonly RingReader _reader;
    private readonly int _ring;
    private readonly LaneWaiter _waiter;

    /// <param name="lanes">Told when the lane is closed.</param>
    /// <param name="reader">It goes on owning the ring.</param>
    /// <param name="ring">The index of the ring.</param>
    /// <param name="waiter">What the ring announces itself to.</param>
    internal RingLane(RingLanes lanes, RingReader reader, int ring, LaneWaiter waiter)
        : base(reader, ring, waiter.Waiter)
    {
        _lanes = lanes;
        _reader = reader;
        _ring = ring;
        _waiter = waiter;
    }

    /// <summary>The CPU whose records the ring holds; -1 where it belongs to none.</summary>
    public int Cpu => Rings[0].Origin.Cpu;

    /// <inheritdoc/>
    public override LossLedger ReadLosses()
    {
        int source = CpuLosses.Of(Rings[0], lost: null).SourceIndex;
        return new LossLedger([.. _reader.ReadLosses().Cpus.Where(ring => ring.Cpu == Cpu && ring.SourceIndex == source)]);
    }

    internal override EventClock? StampClock => _reader.StampClock;

    /// <summary>Measures how long records wait.</summary>
    /// <param name="payloadOffset">Where in the payload the time is, for records that have none of their own; null for
    /// nowhere.</param>
    internal DelayProbe ProbeDelays(int? payloadOffset) => new(Rings[0].Origin, StampClock == EventClock.Monotonic, payloadOffset);

    /// <summary>From now on the ring announces nothing to the waiter that the lane shares. For the thread that waits.</summary>
    internal void LeaveWaiter() => _waiter.Share?.Leave();

    internal override Waiter CreateWaiter(int ring) => _reader.CreateWaiter(_ring);

    internal override Staging? StagedBy => _reader.StagedBy;

    private protected override int Watching => StagedBy is null && _waiter.Share is { } share ? share.Watching : base.Watching;

    private protected override bool SharesWaiter => _waiter.Share is not null;

    private protected override void Watch(int ring, EpollWaiter waiter) => _ = _reader.WatchRing(_ring, waiter);

    private protected override void ThrowIfUnreadable() => _reader.RequireReadable();

    private protected override void Close() => _lanes.Leave();

    /// <summary>The ring is the reader's.</summary>
    private protected override void CloseRings()
    {
        if (!SharesWaiter)
            _waiter.Waiter.Dispose();
    }
}
