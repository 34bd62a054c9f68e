namespace PerfRing;

public sealed partial class BpfUserRing
{
    // One word says who uses the ring. Whoever leaves last after Dispose closes it: the thread that reserves, one that looks at
    // a count, the last reservation that is open, or Dispose itself.
    private const int Reserving = 1 << 0;
    private const int Disposed = 1 << 1;
    private const int Closed = 1 << 2;
    private const int OneHold = 1 << 3;

    private int _state;

    private bool IsDisposed => (Volatile.Read(ref _state) & Disposed) != 0;

    /// <returns>False if the ring was disposed before.</returns>
    private bool MarkDisposed() => (Interlocked.Or(ref _state, Disposed) & Disposed) == 0;

    /// <summary>Keeps the ring open for a short look from any thread.</summary>
    private bool TryHold()
    {
        if ((Interlocked.Add(ref _state, OneHold) & Disposed) == 0)
            return true;

        EndHold();
        return false;
    }

    private void EndHold()
    {
        Interlocked.Add(ref _state, -OneHold);
        CloseIfUnused();
    }

    private void BeginReserve()
    {
        int before;
        do
        {
            before = Volatile.Read(ref _state);

            // Nothing is set unless it may be: a bit that comes and goes would turn away a rightful producer.
            ObjectDisposedException.ThrowIf((before & Disposed) != 0, this);
            if ((before & Reserving) != 0)
                throw new InvalidOperationException("Another thread is reserving or writing: a ring has one producer at a time.");
        }
        while (Interlocked.CompareExchange(ref _state, before | Reserving, before) != before);
    }

    private void EndReserve()
    {
        Interlocked.And(ref _state, ~Reserving);
        CloseIfUnused();
    }

    private void CloseIfUnused()
    {
        // A plain look first: reserving is the hot path. The exchange decides between several that leave at once.
        if (Volatile.Read(ref _state) != Disposed
            || Interlocked.CompareExchange(ref _state, Disposed | Closed, Disposed) != Disposed)
        {
            return;
        }

        _ring.Dispose();
        _waiter.Dispose();
        _map.Dispose();
        _place.Leave();
    }
}
