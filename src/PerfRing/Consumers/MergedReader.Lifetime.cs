namespace PerfRing;

public sealed partial class MergedReader
{
    // One word says who is here. Whoever leaves last after Dispose closes the epoll set.
    private const int Reading = 1 << 0;
    private const int Leased = 1 << 1;
    private const int Disposed = 1 << 2;
    private const int Closed = 1 << 3;

    private int _state;

    private bool IsDisposed => (Volatile.Read(ref _state) & Disposed) != 0;

    /// <summary>Ends the merge: a read that waits returns <see cref="ReadStatus.Completed"/>. Records that are held, and were
    /// not delivered, are given up: <see cref="Flush"/> first, to have them. The readers stay open. From any thread; idempotent;
    /// does not wait.</summary>
    public void Dispose()
    {
        if ((Interlocked.Or(ref _state, Disposed) & Disposed) != 0)
            return;

        _waiter.Wake();
        CloseIfUnused();
    }

    private void BeginRead()
    {
        int before;
        do
        {
            before = Volatile.Read(ref _state);
            ObjectDisposedException.ThrowIf((before & Disposed) != 0, this);
            if ((before & (Reading | Leased)) != 0)
            {
                throw new InvalidOperationException((before & Reading) != 0
                    ? "Another read is under way: a merge has one consumer at a time."
                    : "The batch of the last read was not disposed. Write: using MergedBatch batch = merged.Read(…);");
            }
        }
        while (Interlocked.CompareExchange(ref _state, before | Reading, before) != before);
    }

    private void ReadBecomesLease() => Interlocked.Add(ref _state, Leased - Reading);

    private void Leave(int use)
    {
        Interlocked.And(ref _state, ~use);
        CloseIfUnused();
    }

    private void CloseIfUnused()
    {
        if (Volatile.Read(ref _state) == Disposed
            && Interlocked.CompareExchange(ref _state, Disposed | Closed, Disposed) == Disposed
            && _ownsWaiter)
            _waiter.Dispose();
    }
}
