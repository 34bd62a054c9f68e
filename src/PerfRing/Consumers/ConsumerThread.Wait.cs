using System.Diagnostics;

namespace PerfRing;

internal abstract partial class ConsumerThread
{
    /// <summary>Pauses between two looks of a spin: each look takes the position's cache line from its producer.</summary>
    private const int PausesBetweenLooks = 16;

    /// <summary>Looks after which a spin sweeps in any case: the end of tasks is noticed by sweeps only.</summary>
    private const int LooksUntilSweep = 4096;

    private ArrivalGaps _gaps;

    /// <summary>When the last sweep began after which nothing was there, or that a sleep ended; 0 while something is.</summary>
    private long _sweep;

    /// <summary>When the rings were found empty; 0 while they are not.</summary>
    private long _idleSince;
    private bool _isAnnounced;
    private bool _wasWoken;

    /// <summary>Whether the CPUs of all its rings are offline.</summary>
    private bool IsParked => Volatile.Read(ref _ringsAway) == _lanes.Length;

    private void AfterFind()
    {
        if (_isAnnounced)
        {
            _waiter.StandDown();
            _isAnnounced = false;
        }

        if (_idleSince != 0)
        {
            // Not looked at while there is something to do.
            _gaps.Learn(Stopwatch.GetTimestamp() - _idleSince);
            _idleSince = 0;
        }

        _wasWoken = false;
        if (_options.Wait.Kind == WaitPolicyKind.Timer)
            AwaitPeriod();
        else
            _sweep = 0;
    }

    private void AfterNothing()
    {
        if (_wasWoken)
        {
            Counts.SpuriousWakeup();
            _wasWoken = false;
        }

        if (_idleSince == 0)
            _idleSince = Stopwatch.GetTimestamp();

        switch (_options.Wait.Kind)
        {
            case not WaitPolicyKind.Block when IsParked:
                // Moved by the kernel to a CPU that is not its own: it is not there to spin, nor to look at rings that stand still.
                Block();
                break;
            case WaitPolicyKind.BusySpin:
                if (Spin(Deadline.None))
                    Counts.SpinFind();

                break;
            case WaitPolicyKind.Timer:
                AwaitPeriod();
                break;
            case WaitPolicyKind.SpinThenBlock when _sweep == 0 && _gaps.NextSpin() is > 0 and long spin:
                if (Spin(_idleSince + spin))
                    Counts.SpinFind();
                else
                    Block();

                break;
            default:
                Block();
                break;
        }
    }

    /// <summary>Announces the sleep at the first call; sleeps at the next ones, when the sweep between has found nothing.</summary>
    private void Block()
    {
        if (_sweep == 0)
        {
            // The longest delay counts from here, the sweep that follows: what was announced to nobody is found by it.
            _sweep = Stopwatch.GetTimestamp();
        }
        else
        {
            long now = Stopwatch.GetTimestamp();
            long sleep = Deadline.None;
            foreach (ConsumerLane lane in _lanes)
            {
                if (lane.IsHeld)
                    sleep = Math.Min(sleep, lane.Lane.SleepAfter(_sweep, now));
            }

            Sleep(now, sleep);
        }

        _waiter.Prepare();
        _isAnnounced = true;
    }

    private void AwaitPeriod()
    {
        long now = Stopwatch.GetTimestamp();
        long next = _sweep == 0 ? now : _sweep + Deadline.Nanoseconds(_options.Wait.Time);
        if (next <= now)
        {
            // Late: the periods begin anew, instead of being made up for in a hurry.
            _sweep = now;
            return;
        }

        _waiter.Prepare();
        _isAnnounced = true;
        Sleep(now, next - now);
    }

    private void Sleep(long now, long longest)
    {
        // Stop and CpuChanged set what they have to say before they wake: nothing of it is slept through.
        long wakeups = _waiter.Wakeups;
        _waiter.Wait(longest);
        _sweep = Stopwatch.GetTimestamp();
        _wasWoken = _waiter.Wakeups != wakeups;
        if (_wasWoken)
            Counts.Wakeup();
        else if (longest != 0 && _sweep - now >= longest)
            Counts.AgedSweep();
    }

    /// <summary>Looks until there is something, or it is time.</summary>
    /// <returns>Whether there is.</returns>
    private bool Spin(long until)
    {
        for (int look = 0; look < LooksUntilSweep; look++)
        {
            foreach (ConsumerLane lane in _lanes)
            {
                // The lane is held: its memory stays, whatever happens to the reader meanwhile.
                if (lane.IsHeld && lane.Lane.IsWorthARead())
                    return true;
            }

            if (_mustPlace || IsParked || Volatile.Read(ref _stopAt) != Deadline.None || Stopwatch.GetTimestamp() >= until)
                return false;

            // A call that the collector can stop the thread at.
            Thread.SpinWait(PausesBetweenLooks);
        }

        return false;
    }
}
