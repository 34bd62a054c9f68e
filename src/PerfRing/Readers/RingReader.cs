using System.Diagnostics;

namespace PerfRing;

/// <summary>A set of rings with one waiter: the words in which every kind of ring is read.</summary>
/// <remarks>
/// <para>One consumer at a time: reads that overlap throw. <see cref="Flush"/> and <see cref="Dispose()"/> may be called from
/// any thread, also while a read waits. In steady state nothing is allocated.</para>
/// <para>A read looks at all rings before it sleeps and after whatever woke it: waking is dear, looking is cheap.</para>
/// </remarks>
public abstract partial class RingReader : IDisposable
{
    /// <summary>How long a flush waits for a producer that is in the middle of a record.</summary>
    private static readonly TimeSpan PatienceWithUnfinished = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a reader sleeps at most while a record is unfinished.</summary>
    private static readonly long UnfinishedLook = Deadline.Nanoseconds(Wakeup.DefaultLongestDelay);

    private readonly Ring[] _rings;
    private readonly Waiter _waiter;
    private readonly RingBatch _batch;
    private readonly long _longestDelay;
    private readonly bool _endsWithTasks;

    /// <param name="rings">At least one; the reader owns them.</param>
    /// <param name="waiter">What the rings announce themselves to; the reader owns it.</param>
    /// <param name="wakeup">The threshold and the longest delay.</param>
    /// <param name="endsWithTasks">Whether there is an end: when every descriptor that is watched has hung up.</param>
    private protected RingReader(Ring[] rings, Waiter waiter, Wakeup wakeup, bool endsWithTasks)
    {
        _rings = rings;
        _waiter = waiter;
        _batch = new RingBatch(rings, EndLease);
        _longestDelay = Deadline.Nanoseconds(wakeup.LongestDelay);
        _endsWithTasks = endsWithTasks;
        Wakeup = wakeup;
    }

    /// <param name="whole">The reader that goes on owning the ring.</param>
    /// <param name="ring">The index of the ring.</param>
    /// <param name="waiter">What the ring announces itself to.</param>
    private protected RingReader(RingReader whole, int ring, Waiter waiter)
        : this([whole._rings[ring]], waiter, whole.Wakeup, whole._endsWithTasks) => _poller = whole._poller;

    /// <summary>When a waiting read is woken.</summary>
    public Wakeup Wakeup { get; }

    /// <summary>The size of each ring in bytes, as it was rounded; with staging, of the kernel's. Several BPF ring buffers may
    /// differ: then that of the first.</summary>
    public long BufferSize => (long)(_rings[0].Kernel?.Capacity ?? _rings[0].Capacity);

    /// <summary>Bytes written and not yet released, over all rings. From any thread; a moment's view.</summary>
    public long AvailableBytes
    {
        get
        {
            // A lease of its own kind: the mapping stays while the words are looked at.
            if (!TryHold())
                return 0;

            try
            {
                ulong bytes = 0;
                foreach (Ring ring in _rings)
                    bytes += ring.AvailableBytes;

                return (long)bytes;
            }
            finally
            {
                EndHold();
            }
        }
    }

    /// <summary>How often a waiting read was ended by a ring, since the reader was opened.</summary>
    public long Wakeups => _waiter.Wakeups;

    private protected ReadOnlySpan<Ring> Rings => _rings;

    /// <summary>Waits without a bound for records.</summary>
    /// <returns>A batch, to be disposed before the next read.</returns>
    /// <exception cref="InvalidOperationException">Another read is under way, or the last batch was not disposed.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public RecordBatch Read() => Read(Timeout.InfiniteTimeSpan, ReadBudget.Unlimited, CancellationToken.None);

    /// <inheritdoc cref="Read(TimeSpan, CancellationToken)"/>
    public RecordBatch Read(TimeSpan timeout) => Read(timeout, ReadBudget.Unlimited, CancellationToken.None);

    /// <summary>Waits for records.</summary>
    /// <param name="timeout">The longest wait, to a resolution of 100 ns. Zero only looks;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits without a bound.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A batch, to be disposed before the next read. Records that are there come before
    /// <see cref="ReadStatus.TimedOut"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative and not infinite.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way, or the last batch was not disposed.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing is lost: the records stay in the rings.</exception>
    public RecordBatch Read(TimeSpan timeout, CancellationToken cancellationToken) =>
        Read(timeout, ReadBudget.Unlimited, cancellationToken);

    /// <summary>Waits for records and takes no more of them than a budget allows.</summary>
    /// <param name="timeout">The longest wait, to a resolution of 100 ns. Zero only looks;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits without a bound.</param>
    /// <param name="budget">The most that the batch may hold; the rest comes with the next read, which does not wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A batch, to be disposed before the next read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative and not infinite.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way, or the last batch was not disposed.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing is lost: the records stay in the rings.</exception>
    public RecordBatch Read(TimeSpan timeout, ReadBudget budget, CancellationToken cancellationToken)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "Zero, more, or Timeout.InfiniteTimeSpan.");

        BeginRead();
        ReadsWithoutPipe++;
        ReadStatus status;
        try
        {
            ThrowIfUnreadable();
            status = Await(timeout, budget, cancellationToken);
        }
        catch
        {
            EndRead();
            throw;
        }

        if (status != ReadStatus.Records)
        {
            EndRead();
            return new RecordBatch(status);
        }

        ReadBecomesLease();
        return new RecordBatch(_batch, _batch.Generation);
    }

    /// <summary>What was produced and not delivered, for each ring, as far as it can be known. From any thread.</summary>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public abstract LossLedger ReadLosses();

    /// <summary>Makes the reader deliver everything that is in the rings now, and then report
    /// <see cref="ReadStatus.Flushed"/> once for this call. From any thread; does not wait.</summary>
    /// <remarks>A record of a BPF ring buffer or a shared ring that its producer has reserved and not finished is waited for,
    /// 100 ms at most; then the flush ends in front of it. While the reader is split, each lane reports the flush of its own
    /// ring.</remarks>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(!TryFlushAll(), this);
    }

    /// <summary>Flushes the lanes, or what was not split.</summary>
    /// <returns>False if the reader is disposed.</returns>
    internal bool TryFlushAll()
    {
        // Lanes that are all disposed by now have made the reader whole again, or are about to.
        return _lanes is { } lanes && lanes.TryFlush() || TryFlush(out _);
    }

    /// <param name="number">The number of this flush: it is done when <see cref="FlushesReported"/> has come to it.</param>
    /// <returns>False if the reader is disposed.</returns>
    internal bool TryFlush(out long number)
    {
        number = 0;
        if (IsDisposed)
            return false;

        number = Interlocked.Increment(ref _flushesRequested);
        Interrupt();
        return true;
    }

    /// <summary>Closes the rings. A read that waits returns <see cref="ReadStatus.Completed"/>; while a batch is out its memory
    /// stays, until the batch is disposed. Lanes are disposed with it. From any thread; idempotent; does not wait, but for the end of a
    /// staging thread, which is a matter of microseconds.</summary>
    public void Dispose()
    {
        if (MarkDisposed())
        {
            Interrupt();
            _lanes?.Dispose();
            CloseIfUnused();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Throws when the rings may not be read now. Called at the beginning of each read.</summary>
    private protected virtual void ThrowIfUnreadable()
    {
    }

    /// <summary>Adds what announces a ring to an epoll set; nothing where a ring announces itself in another way.</summary>
    /// <param name="ring">The index of the ring.</param>
    /// <param name="waiter">The set.</param>
    private protected abstract void Watch(int ring, EpollWaiter waiter);

    /// <summary>Closes what belongs to the kind of reader, once nobody uses it any more. The rings go after it.</summary>
    private protected abstract void Close();

    /// <summary>Closes the rings and what they announce themselves to.</summary>
    private protected virtual void CloseRings()
    {
        foreach (Ring ring in _rings)
            ring.Dispose();

        _waiter.Dispose();
    }

    private ReadStatus Await(TimeSpan timeout, in ReadBudget budget, CancellationToken cancellationToken)
    {
        CancellationTokenRegistration registration = default;
        long deadline = 0;
        long sweep = 0;
        bool clockRuns = false;
        try
        {
            while (true)
            {
                if (IsDisposed)
                    return ReadStatus.Completed;

                cancellationToken.ThrowIfCancellationRequested();

                // In this order: what was written before the end is in the rings by now, and found by the look.
                bool isOver = _endsWithTasks && Watching == 0;
                if (FlushIsDue())
                    return ReadStatus.Flushed;

                if (_batch.TryBegin(new RecordAllowance(budget.MaximumRecords, budget.MaximumBytes), budget.MaximumTime))
                    return ReadStatus.Records;

                if (isOver)
                    return ReadStatus.Completed;

                if (timeout == TimeSpan.Zero)
                {
                    // That a task has ended is seen by waiting only. It consumes wake flags, so look again.
                    if (!_endsWithTasks || SharesWaiter || clockRuns)
                        return ReadStatus.TimedOut;

                    clockRuns = true;
                    _waiter.Wait(0);
                    continue;
                }

                long now = Stopwatch.GetTimestamp();
                if (!clockRuns)
                {
                    // The clock is not looked at while there are records. From here on each sweep has its time, and the
                    // longest delay counts from the start of the last one: so look once more.
                    clockRuns = true;
                    sweep = now;
                    deadline = Deadline.Later(now, timeout);

                    // Registering runs the callback at once if the token is canceled by now: the wait then ends at once.
                    // Steady state allocates nothing: the token's source keeps its nodes, and the delegate is static.
                    registration = cancellationToken.UnsafeRegister(static waiter => ((Waiter)waiter!).Wake(), _waiter);
                    LeavePoller();
                    _waiter.Prepare();
                    continue;
                }

                // The look that found nothing must itself have begun after the deadline: the thread may have been held up
                // between looking and reading the clock.
                if (sweep >= deadline)
                    return ReadStatus.TimedOut;

                long sleep = deadline == Deadline.None ? Deadline.None : Math.Max(0, deadline - now);
                _waiter.Wait(Math.Min(sleep, SleepAfter(sweep, now)));
                sweep = Stopwatch.GetTimestamp();
                _waiter.Prepare();
            }
        }
        finally
        {
            registration.Dispose();
            if (clockRuns)
                _waiter.StandDown();
        }
    }

    /// <summary>How long whoever waits may sleep now, in nanoseconds, after a sweep that found nothing.</summary>
    /// <param name="sweep">When it began: the longest delay counts from then.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="SystemCallException">Nobody would announce anything any more: the staging thread has ended by itself.</exception>
    internal long SleepAfter(long sweep, long now)
    {
        StagedBy?.ThrowIfEnded();

        // Nobody may announce the end of an unfinished record: its producer may be gone, or send no wakeups.
        long sleep = LongestSleep();
        return _longestDelay == Deadline.None ? sleep : Math.Min(sleep, Math.Max(0, _longestDelay - (now - sweep)));
    }

    /// <summary>How long the rings allow to sleep after the last look, in nanoseconds.</summary>
    private long LongestSleep()
    {
        long longest = Deadline.None;
        foreach (Ring ring in _rings)
        {
            if (ring.IsUnsettled)
                return 0;

            if (ring.IsHeldUp || AwaitsStaging(ring))
                longest = UnfinishedLook;
        }

        return longest;
    }
}
