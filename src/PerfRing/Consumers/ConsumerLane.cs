namespace PerfRing;

/// <summary>A lane as its consumer's thread has it: with the flushes that are to be reported, and its end.</summary>
/// <remarks>Flushes are asked for by any thread, under the lock; everything else is the consumer's.</remarks>
internal sealed class ConsumerLane
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Number, ConsumerFlush? Flush)> _flushes = new();
    private readonly UnpinnedDispatcher _dispatcher;
    private bool _isHeld;
    private bool _isOver;
    private bool _endsAfterFlush;

    /// <summary>Takes the lane. Its ring stays mapped until <see cref="End"/>, whoever disposes what.</summary>
    internal ConsumerLane(RingLane lane, UnpinnedDispatcher dispatcher)
    {
        Lane = lane;
        _dispatcher = dispatcher;

        // Where the reader was disposed by now, the first look finds it completed.
        _isHeld = lane.TryHold();
    }

    internal RingLane Lane { get; }

    /// <summary>Whether it has not ended.</summary>
    internal bool IsOpen => !_isOver;

    /// <summary>Whether the ring may be looked at without a read: its memory stays, whatever happens to the reader.</summary>
    internal bool IsHeld => _isHeld;

    /// <summary>Flushes the lane, for a flush of all.</summary>
    internal void Flush(ConsumerFlush flush)
    {
        lock (_gate)
        {
            if (_isOver || !Lane.TryFlush(out long number))
                return;

            flush.Await();
            _flushes.Enqueue((number, flush));
        }
    }

    /// <summary>Has the lane end when everything that is in its ring now was delivered.</summary>
    internal void EndAfterFlush()
    {
        lock (_gate)
        {
            if (!_isOver && Lane.TryFlush(out long number))
                _flushes.Enqueue((number, null));
        }
    }

    /// <summary>Called when the lane has reported a flush, which may be one that the reader's user asked for.</summary>
    /// <returns>Whether the lane is to end.</returns>
    internal bool Flushed()
    {
        lock (_gate)
        {
            while (_flushes.TryPeek(out (long Number, ConsumerFlush? Flush) next) && next.Number <= Lane.FlushesReported)
            {
                _flushes.Dequeue();
                next.Flush?.Report(_dispatcher);
                _endsAfterFlush |= next.Flush is null;
            }

            return _endsAfterFlush;
        }
    }

    /// <summary>Gives the lane back. What was to be flushed is not waited for any more.</summary>
    internal void End()
    {
        lock (_gate)
        {
            if (_isOver)
                return;

            _isOver = true;
            while (_flushes.TryDequeue(out (long Number, ConsumerFlush? Flush) next))
                next.Flush?.Report(_dispatcher);
        }

        try
        {
            Lane.Dispose();
        }
        finally
        {
            if (_isHeld)
            {
                _isHeld = false;
                Lane.EndHold();
            }
        }
    }
}
