using System.Diagnostics;
using System.IO.Pipelines;
using PerfRing.Interop;

namespace PerfRing;

public abstract partial class RingReader
{
    private ReadyWait? _wait;
    private RingPoller? _poller;

    /// <summary>The thread that looks for whoever awaits this reader.</summary>
    /// <remarks>Default <see cref="RingPoller.Shared"/>. To be set while nothing awaits.</remarks>
    public RingPoller Poller
    {
        get => _poller ?? RingPoller.Shared;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            LeavePoller();
            _poller = value;
        }
    }

    /// <summary>What the pipe over this reader waits with; null before it is made.</summary>
    internal IPipeWait? PipeWait { get; set; }

    /// <summary>Waits, without blocking a thread, until a read would not wait.</summary>
    /// <param name="cancellationToken">Ends the wait. It may live long: nothing of it is kept.</param>
    /// <returns>True when <see cref="Read(TimeSpan)"/> has something to return, records or <see cref="ReadStatus.Flushed"/>; false
    /// when there will never be anything: the reader was disposed meanwhile, or its tasks have ended. Awaited once.</returns>
    /// <remarks>
    /// <para>While it waits the reader is in use: reads throw. The promise of <see cref="Wakeup"/> holds as for a read that
    /// waits, but for the handover to the pool, and for a shared ring, whose writers can't wake an epoll set: its
    /// records are found within <see cref="Wakeup.LongestDelay"/>, so that must be finite there.</para>
    /// <para>Between waits the reader may be read in any way. A read that sleeps leaves the poller's set first, and the next wait
    /// that suspends joins it again.</para>
    /// <para>Allocates nothing after the first time. What follows the await runs on the thread pool, or in the captured context,
    /// unless the poller was told otherwise.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">A read or another wait is under way, or the last batch was not
    /// disposed.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing is lost.</exception>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellationToken);

        BeginRead();
        bool waits = false;
        try
        {
            ThrowIfUnreadable();

            // Looking passes over discarded records, which moves positions.
            ReadsWithoutPipe++;
            if (TryFindReady(out bool ready))
                return new ValueTask<bool>(ready);

            // From here on the wait ends the use of the reader.
            RingPoller poller = Poller;
            waits = true;
            return (_wait ??= new ReadyWait(this)).Start(poller, cancellationToken);
        }
        finally
        {
            if (!waits)
                EndRead();
        }
    }

    /// <summary>Takes what was announced so far, which consumes it: a look must follow.</summary>
    internal void Harvest()
    {
        if (_waiter.Announcer is not null)
            _waiter.Wait(0);
    }

    /// <summary>Counts reads that move positions behind the back of a pipe over this reader, which begins anew then.</summary>
    internal long ReadsWithoutPipe { get; private set; }

    /// <summary>The pipe over this reader, made once.</summary>
    internal PipeReader? Pipe { get; set; }

    /// <summary>The rings, for the pipe.</summary>
    internal Ring[] PipeRings => _rings;

    /// <summary>What walks over sequences of this reader share.</summary>
    internal SequenceScratch Scratch => field ??= new SequenceScratch([.. _rings.Select(static ring => ring.Origin)]);

    /// <summary>Takes one flush that was requested and not reported.</summary>
    internal bool TryTakeFlush()
    {
        if (Volatile.Read(ref _flushesRequested) == _flushesReported || !IsStagedForFlush())
            return false;

        _flushing = false;
        _flushesReported++;
        return true;
    }

    /// <summary>Whether there is something to be told that is not in the bytes: a flush, or the end.</summary>
    internal bool HasNews => IsOver || Volatile.Read(ref _flushesRequested) != _flushesReported;

    /// <summary>Throws when the rings may not be read now.</summary>
    internal void RequireReadable() => ThrowIfUnreadable();

    /// <summary>What announces that a look is worth it.</summary>
    internal Descriptor? Announcer => _waiter.Announcer;

    /// <summary>Orders the look that follows against what was published before, and says when the next one is due.</summary>
    internal long PrepareLook()
    {
        // Writers of a shared ring must not be made to wake a futex in which nobody sleeps.
        if (_waiter.Announcer is not null)
            _waiter.Prepare();

        StagedBy?.ThrowIfEnded();
        long delay = Math.Min(_longestDelay, LongestSleep());
        return delay == Deadline.None ? PollTarget.Never : Stopwatch.GetTimestamp() + delay;
    }

    /// <summary>Takes the reader out of its poller's set, before somebody sleeps on it elsewhere: two sets steal each other's
    /// wakeups. The next wait joins again.</summary>
    private void LeavePoller()
    {
        _wait?.Leave();
        PipeWait?.Leave();
    }

    /// <summary>Whether there will be no more records than those that are in the rings.</summary>
    internal bool IsOver => IsDisposed || (_endsWithTasks && Watching == 0);

    /// <summary>Ends the wait of whoever waits, in whatever way.</summary>
    private protected void Interrupt()
    {
        _waiter.Wake();

        // Of a ring that announces nothing the poller has to be told.
        if (_waiter.Announcer is null)
        {
            _wait?.Hurry();
            PipeWait?.Hurry();
        }
    }

    /// <summary>Whether a read may be worth it: a load a ring and no more. For a consumer that holds the rings.</summary>
    internal bool IsWorthARead()
    {
        if (HasNews)
            return true;

        foreach (Ring ring in _rings)
        {
            if (ring.LoadReadable() != ring.Tail)
                return true;
        }

        return false;
    }

    /// <summary>Looks whether a read would return at once, and what.</summary>
    /// <param name="ready">Whether there is something; false if there never will be.</param>
    /// <returns>False if a read would wait.</returns>
    private bool TryFindReady(out bool ready)
    {
        // In this order: what was written before the end is found by the look.
        bool isOver = IsOver;
        ready = !IsDisposed && (IsFlushed() || HasRecords());
        return ready || isOver;
    }

    private bool HasRecords()
    {
        RecordAllowance unlimited = new(long.MaxValue, long.MaxValue);
        foreach (Ring ring in _rings)
        {
            if (ring.TrySnapshot(ref unlimited))
                return true;
        }

        return false;
    }

    /// <summary>The wait of <see cref="WaitAsync"/>.</summary>
    private sealed class ReadyWait(RingReader reader) : AsyncWait<bool>
    {
        internal override Descriptor? Announcer => reader.Announcer;

        private protected override void BeforeArming() => reader.Harvest();

        private protected override long NextTime() => reader.PrepareLook();

        private protected override bool TryProduce(out bool result) => reader.TryFindReady(out result);

        private protected override void Finish(in bool result, bool hasResult) => reader.EndRead();
    }
}
