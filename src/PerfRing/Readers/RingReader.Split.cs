namespace PerfRing;

public abstract partial class RingReader
{
    private volatile RingLanes? _lanes;

    /// <summary>Divides the reader into lanes, one for each ring, each with a waiter of its own: to be read by a thread each, or
    /// through a pipe each.</summary>
    /// <returns>The lanes. While one of them is not disposed the reader itself can't be read.</returns>
    /// <remarks>
    /// <para>Nothing is lost on the way there and back: what is in the rings stays there. A lane costs two descriptors (epoll,
    /// eventfd), but for shared rings.</para>
    /// <para>The promise of <see cref="Wakeup"/> holds for each lane by itself; but a wake looks at the ring of its lane only, not
    /// at the others.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">A read is under way, the last batch was not disposed, or the reader is split
    /// already.</exception>
    /// <exception cref="NotSupportedException">The reader overwrites: it is read as a whole, while it is paused.</exception>
    /// <exception cref="SystemCallException">There are too many open files. The reader is whole then, as before.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public RingLanes Split() => Split(ring => new LaneWaiter(CreateWaiter(ring)));

    /// <summary>Divides the reader into lanes that wait as the caller has it.</summary>
    /// <param name="waiterFor">Gives the waiter of a ring, by its index. The reader is in use by then.</param>
    internal RingLanes Split(Func<int, LaneWaiter> waiterFor)
    {
        ThrowIfIndivisible();
        BeginRead();
        RingLanes lanes;
        try
        {
            // A pipe over the whole begins anew where the lanes stop.
            ReadsWithoutPipe++;
            LeavePoller();
            lanes = new RingLanes(this, waiterFor);
        }
        catch
        {
            EndRead();
            throw;
        }

        // Dispose marks the reader before it looks for lanes, and here it is the other way round, both with a full fence between:
        // one of the two sees the other.
        ReadBecomesLease();
        _lanes = lanes;
        Interlocked.MemoryBarrier();
        if (IsDisposed)
            lanes.Dispose();

        return lanes;
    }

    /// <summary>Called when the last lane is closed: the reader is whole again.</summary>
    internal void Rejoin()
    {
        _lanes = null;
        EndLease();
    }

    /// <summary>The lanes; null while the reader is whole.</summary>
    internal RingLanes? Lanes => _lanes;

    /// <summary>The rings, to be read one by one.</summary>
    internal int RingCount => _rings.Length;

    /// <summary>The CPU of each ring; -1 for one that belongs to none.</summary>
    internal int[] RingCpus => [.. _rings.Select(static ring => ring.Origin.Cpu)];

    /// <summary>Told when the CPU of a ring has gone, and when its events are open again: the index of the ring, and whether it is
    /// back. On the watch's thread, within its hold and outside of every lock. Of a reader that is split the lanes are told.</summary>
    internal Action<int, bool>? WhenCpuChanges { get; set; }

    /// <summary>Whether the CPU of a ring is away, or back without its events.</summary>
    internal bool IsCpuAway(int ring) => _rings[ring].Outages.IsOpen;

    /// <summary>Tells whoever reads the ring that its CPU went or came.</summary>
    private protected void CpuChanged(int ring, bool isBack)
    {
        // What was below a threshold when the CPU went is in the kernel's ring still, and lies in front of the notice.
        StagedBy?.Hurry();
        if (_lanes is { } lanes)
        {
            lanes[ring].CpuChanged(0, isBack);
            return;
        }

        WhenCpuChanges?.Invoke(ring, isBack);
        Interrupt();
    }

    /// <inheritdoc cref="Watch"/>
    /// <returns>What was added.</returns>
    internal WatchedRange WatchRing(int ring, EpollWaiter waiter)
    {
        int from = waiter.NextIndex;
        Watch(ring, waiter);
        return new WatchedRange(waiter, from, waiter.NextIndex);
    }

    /// <summary>What can still announce something.</summary>
    private protected virtual int Watching => StagedBy?.LoadWatching() ?? _waiter.Watching;

    /// <summary>Whether others wait with the same waiter: then nobody but they may take what it announces.</summary>
    private protected virtual bool SharesWaiter => false;

    /// <summary>Makes a waiter for one ring alone.</summary>
    /// <param name="ring">The index of the ring.</param>
    internal virtual Waiter CreateWaiter(int ring)
    {
        EpollWaiter waiter = new();
        try
        {
            Watch(ring, waiter);
            return waiter;
        }
        catch
        {
            waiter.Dispose();
            throw;
        }
    }

    /// <summary>Throws where the rings can only be read together.</summary>
    private protected virtual void ThrowIfIndivisible()
    {
    }
}
