using System.Runtime.CompilerServices;

namespace PerfRing;

public abstract partial class RingReader
{
    // Two words say who uses the rings, and whoever leaves last after Dispose closes them: the reading thread, the holder of the
    // batch, a thread that looks at a count, or Dispose itself.
    //
    // The first is the consumer's. It is entered by an exchange, so that of two reads which overlap one is turned away, and left
    // by a plain store: that is on the path of every read, and an exchange there cost as much as all the rest of a small one.
    private const int Idle = 0;
    private const int Reading = 1 << 0;
    private const int Leased = 1 << 1;

    private int _use;

    // The second is everybody's.
    private const int Disposed = 1 << 0;
    private const int Closed = 1 << 1;
    private const int OneHold = 1 << 2;

    private int _state;

    /// <summary>Whether a read is under way, or memory is out.</summary>
    internal bool IsInUse => Volatile.Read(ref _use) != Idle;

    internal bool IsDisposed => (Volatile.Read(ref _state) & Disposed) != 0;

    /// <summary>Called by the batch when its lease ends.</summary>
    private void EndLease() => Leave();

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
        if (!TryBeginRead())
            ThrowUnreadable();
    }

    /// <returns>False if the reader is disposed or in use.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryBeginRead()
    {
        if (IsDisposed || Interlocked.CompareExchange(ref _use, Reading, Idle) != Idle)
            return false;

        // Looked at again now that the use is visible: either this sees that the reader is disposed, or whoever disposes it, and
        // looks at the use after that, sees the use. The exchange is the fence between the two.
        if (!IsDisposed)
            return true;

        Leave();
        return false;
    }

    internal void EndRead() => Leave();

    private void ReadBecomesLease() => Volatile.Write(ref _use, Leased);

    private void ThrowUnreadable()
    {
        int use = Volatile.Read(ref _use);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        throw new InvalidOperationException(
            _lanes is not null ? "The reader is split into lanes: read those, or dispose them first."
            : use != Leased ? "Another read is under way, or a result of the pipe is out: a reader has one consumer at a time."
            : "The batch of the last read was not disposed. Write: using RecordBatch batch = reader.Read(…);");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leave()
    {
        // Release: what was read is read before somebody else may unmap it, or read on. The look behind it may overtake it:
        // see CloseIfLast.
        Volatile.Write(ref _use, Idle);
        CloseIfUnused();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CloseIfUnused()
    {
        if (Volatile.Read(ref _state) == Disposed)
            CloseIfLast();
    }

    /// <summary>Closes the rings, unless somebody uses them who will come here when he leaves.</summary>
    /// <remarks>
    /// <code>
    ///   who leaves                      who disposes, or ends a hold
    ///     store use                       exchange state
    ///                                     fence for all threads
    ///     load state                      load use
    /// </code>
    /// Without a fence on both sides each load may overtake the store before it: both see the old value, and nobody closes the
    /// rings. The side that leaves with every read has none. The other side, which comes here once in the reader's life or
    /// little more, runs one on its behalf: <see cref="Interlocked.MemoryBarrierProcessWide"/> returns when every thread that
    /// runs has fenced at a point between two of its instructions. If that point lies before the load of whoever leaves, the
    /// load sees that the reader is disposed. If it lies behind the load, it lies behind the store too, and the use is seen to
    /// be over here. Where both come here the exchange decides. The JIT keeps the two volatile accesses of the leaving side
    /// in order.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CloseIfLast()
    {
        Interlocked.MemoryBarrierProcessWide();
        if (Volatile.Read(ref _use) != Idle
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
