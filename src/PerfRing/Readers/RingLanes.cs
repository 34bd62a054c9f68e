using System.Collections;

namespace PerfRing;

/// <summary>The lanes into which a reader is split. Disposing them makes the reader whole again.</summary>
public sealed class RingLanes : IReadOnlyList<RingLane>, IDisposable
{
    private readonly RingReader _reader;
    private readonly RingLane[] _lanes;
    private int _open;

    internal RingLanes(RingReader reader, Func<int, LaneWaiter> waiterFor)
    {
        _reader = reader;
        _lanes = new RingLane[reader.RingCount];

        // One more than there are, until all of them are: lanes that are disposed after a failure must not rejoin the reader.
        _open = _lanes.Length + 1;
        int made = 0;
        try
        {
            for (; made < _lanes.Length; made++)
                _lanes[made] = new RingLane(this, reader, made, waiterFor(made));
        }
        catch
        {
            foreach (RingLane lane in _lanes.AsSpan(0, made))
                lane.Dispose();

            throw;
        }

        _open--;
    }

    /// <summary>How many lanes there are: one a ring.</summary>
    public int Count => _lanes.Length;

    /// <summary>One of the lanes, in the order of the rings.</summary>
    /// <param name="index">From 0. No CPU id: lists of CPUs have gaps, see <see cref="RingLane.Cpu"/>.</param>
    public RingLane this[int index] => _lanes[index];

    /// <summary>Disposes every lane. The reader can be read again as soon as none of them is in use any more. From any thread;
    /// idempotent; does not wait.</summary>
    public void Dispose()
    {
        foreach (RingLane lane in _lanes)
            lane.Dispose();
    }

    /// <inheritdoc/>
    public IEnumerator<RingLane> GetEnumerator() => ((IEnumerable<RingLane>)_lanes).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Flushes every lane that is open.</summary>
    /// <returns>False if there is none.</returns>
    internal bool TryFlush()
    {
        bool any = false;
        foreach (RingLane lane in _lanes)
            any |= lane.TryFlushAll();

        return any;
    }

    /// <summary>Called by each lane when it is closed.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0)
            _reader.Rejoin();
    }
}
