namespace PerfRing;

/// <summary>Splits readers into the lanes that the threads of a consumer serve, and makes what each thread waits with.</summary>
/// <remarks>Disposing takes everything back that was not handed over.</remarks>
internal sealed class ConsumerLanes : IDisposable
{
    private readonly RingReader[] _readers;
    private readonly IReadOnlyList<ConsumerPlan> _plans;
    private readonly List<RingLanes> _split = [];
    private readonly Waiter?[] _waiters;

    /// <exception cref="ArgumentException">A ring would be found by a clock that never comes round.</exception>
    /// <exception cref="InvalidOperationException">A reader is in use.</exception>
    internal ConsumerLanes(RingReader[] readers, IReadOnlyList<ConsumerPlan> plans)
    {
        _readers = readers;
        _plans = plans;
        _waiters = new Waiter?[plans.Count];
        try
        {
            for (int reader = 0; reader < readers.Length; reader++)
            {
                // Descriptors are added when the reader is ours: adding them takes announcements away from whoever waits for them.
                int index = reader;
                _split.Add(readers[reader].Split(ring => CreateWaiter(index, ring)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The lanes of one thread.</summary>
    internal RingLane[] Of(int plan) => [.. _plans[plan].Rings.Select(at => _split[at.Reader][at.Ring])];

    /// <summary>What the thread waits with.</summary>
    internal Waiter WaiterOf(int plan) => _waiters[plan]!;

    /// <summary>From now on everything belongs to the threads.</summary>
    internal void HandOver()
    {
        _split.Clear();
        Array.Clear(_waiters);
    }

    public void Dispose()
    {
        foreach (RingLanes lanes in _split)
            lanes.Dispose();

        foreach (Waiter? waiter in _waiters)
            waiter?.Dispose();
    }

    private LaneWaiter CreateWaiter(int reader, int ring)
    {
        int plan = IndexOf(reader, ring);
        if (_plans[plan].Rings.Count == 1)
        {
            // A ring alone is waited for as its kind has it.
            Waiter own = _waiters[plan] = _readers[reader].CreateWaiter(ring);
            return new LaneWaiter(own) { Share = own is EpollWaiter whole ? new WatchedRange(whole, 0, whole.NextIndex) : null };
        }

        EpollWaiter shared = (EpollWaiter)(_waiters[plan] ??= new EpollWaiter());
        WatchedRange share = _readers[reader].WatchRing(ring, shared);
        if (share.IsEmpty && _readers[reader].Wakeup.LongestDelay == Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException(
                "A ring that nothing announces to an epoll set is found by the clock when it shares a thread with others, and its "
                + "longest delay is infinite: give it one, with Wakeup.Within, or a thread of its own.");
        }

        return new LaneWaiter(shared) { Share = share };
    }

    private int IndexOf(int reader, int ring)
    {
        for (int i = 0; i < _plans.Count; i++)
        {
            if (_plans[i].Rings.Contains((reader, ring)))
                return i;
        }

        throw new InvalidOperationException($"No thread was to serve ring {ring} of reader {reader}.");
    }
}
