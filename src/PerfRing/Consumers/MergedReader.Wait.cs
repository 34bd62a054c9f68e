namespace PerfRing;

public sealed partial class MergedReader
{
    private ReadStatus Await(TimeSpan timeout, in ReadBudget budget, CancellationToken cancellationToken)
    {
        CancellationTokenRegistration registration = default;
        long deadline = 0;
        bool clockRuns = false;
        try
        {
            while (true)
            {
                if (IsDisposed)
                    return ReadStatus.Completed;

                cancellationToken.ThrowIfCancellationRequested();

                // The clock first, then the rings: what was stamped before it, and took no longer than the hold-back to appear in its
                // ring, is found by this sweep.
                long clock = Now();
                if (Look((ulong)clock, budget) is { } status)
                    return status;

                if (timeout == TimeSpan.Zero)
                {
                    // That a task has ended is seen by waiting only. It consumes wake flags, so look again.
                    if (!_endsWithTasks || clockRuns)
                        return ReadStatus.TimedOut;

                    clockRuns = true;
                    _waiter.Prepare();
                    _waiter.Wait(0);
                    continue;
                }

                if (!clockRuns)
                {
                    clockRuns = true;
                    deadline = Deadline.Later(clock, timeout);
                    registration = cancellationToken.UnsafeRegister(static waiter => ((Waiter)waiter!).Wake(), _waiter);
                    foreach (MergeInput input in _inputs)
                        input.Reader.LeavePollerForMerge();

                    // Announced what may be slept on now: look once more.
                    _waiter.Prepare();
                    continue;
                }

                if (clock >= deadline)
                    return ReadStatus.TimedOut;

                _waiter.Wait(LongestSleep(clock, deadline));
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

    /// <summary>Sweeps, and says what there is to return; null if nothing is due.</summary>
    private ReadStatus? Look(ulong clock, in ReadBudget budget)
    {
        BeginFlush();

        // Beyond the limit nothing is taken until the caller has taken some: he is slower than the rings are filled.
        if (!_store.IsOverfull)
        {
            foreach (MergeInput input in _inputs)
                input.Sweep(clock);

            _due = Math.Max(_due, clock - Math.Min(clock, _holdBack));
            SettleFlush();
        }

        bool isOver = IsOver();
        if (FlushIsDone())
            return ReadStatus.Flushed;

        ulong due = isOver ? ulong.MaxValue : Math.Max(_due, _flushTime);
        if (_store.TryFill(due, new RecordAllowance(budget.MaximumRecords, budget.MaximumBytes)))
            return ReadStatus.Records;

        return isOver ? ReadStatus.Completed : null;
    }

    private bool IsOver()
    {
        foreach (MergeInput input in _inputs)
        {
            if (!input.IsOver)
                return false;
        }

        return true;
    }

    private long LongestSleep(long clock, long deadline)
    {
        // From the start of the last sweep on, which is what the longest delays count from.
        long until = deadline;
        foreach (MergeInput input in _inputs)
            until = Math.Min(until, After(clock, input.LongestSleep));

        ulong first = _store.First();
        if (first != ulong.MaxValue)
            until = Math.Min(until, After((long)first, (long)(_holdBack + (_holdBack / 8))));

        return until == Deadline.None ? Deadline.None : Math.Max(0, until - Now());
    }

    private static long After(long time, long span) => time > Deadline.None - span ? Deadline.None : time + span;

    private long Now() => _options.Time.GetTimestamp();
}
