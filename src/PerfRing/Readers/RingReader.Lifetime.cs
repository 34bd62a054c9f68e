namespace PerfRing;

public abstract partial class RingReader
{
    // One word says who uses the rings. Whoever leaves last after Dispose closes them: the reading thread, the holder of the
    // batch, a thread that looks at a count, or Dispose itself.
    private const int Reading = 1 << 0;
    private const int Leased = 1 << 1;
    private const int Disposed = 1 << 2;
    private const int Closed = 1 << 3;
    private const int OneHold = 1 << 4;

    private int _state;

    /// <summary>Whether a read is under way, or memory is out.</summary>
    internal bool IsInUse => (Volatile.Read(ref _state) & (Reading | Leased)) != 0;

    internal bool IsDisposed => (Volatile.Read(ref _state) & Disposed) != 0;

    /// <summary>Called by the batch when its lease ends.</summary>
    private void EndLease() => Leave(Leased);

    /// <summary>Keeps the rings open for a short look from any thread.</summary>
    internal bool TryHold()
    {
        if ((Interlocked.Add(ref _state, OneHold) & Disposed) == 0)
            return true;

        EndHold();
        return false;
    }

    internal void EndHold()
    {
        Interlocked.Add(ref _state, -OneHold);
        CloseIfUnused();
    }

    /// <returns>False if the reader was disposed before.</returns>
    private bool MarkDisposed() => (Interlocked.Or(ref _state, Disposed) & Disposed) == 0;

    internal void BeginRead()
    {
        const int inTheWay = Reading | Leased | Disposed;
        int before;
        do
        {
            before = Volatile.Read(ref _state);

            // Nothing is set unless it may be: a bit that comes and goes would turn away a rightful reader.
            if ((before & inTheWay) != 0)
                ThrowUnreadable(before);
        }
        while (Interlocked.CompareExchange(ref _state, before | Reading, before) != before);
    }

    internal void EndRead() => Leave(Reading);

    private void ReadBecomesLease() => Interlocked.Add(ref _state, Leased - Reading);

    private void ThrowUnreadable(int state)
    {
        ObjectDisposedException.ThrowIf((state & Disposed) != 0, this);
        throw new InvalidOperationException(
            _lanes is not null ? "The reader is split into lanes: read those, or dispose them first."
            : (state & Reading) != 0 ? "Another read is under way, or a result of the pipe is out: a reader has one consumer at a time."
            : "The batch of the last read was not disposed. Write: using RecordBatch batch = reader.Read(…);");
    }

    private void Leave(int use)
    {
        Interlocked.And(ref _state, ~use);
        CloseIfUnused();
    }

    private void CloseIfUnused()
    {
        // A plain look first, as reading is the hot path. The exchange decides between several that leave at once.
        if (Volatile.Read(ref _state) != Disposed
            || Interlocked.CompareExchange(ref _state, Disposed | Closed, Disposed) != Disposed)
            return;

        try
        {
            LeavePoller();
            Close();
        }
        finally
        {
            CloseRings();
        }
    }
}
