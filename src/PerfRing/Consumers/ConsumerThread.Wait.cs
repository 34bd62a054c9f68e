using System.Diagnostics;

namespace PerfRing;

internal abstract partial class ConsumerThread
{
    /// <summary>Pauses between two looks of a spin: each look takes the position's cache line from its producer.</summary>
    private const int PausesBetweenLooks = 16;

    /// <summary>Looks after which a spin sweeps in any case.</summary>
    private const int LooksUntilSweep = 4096;

    private ArrivalGaps _gaps;

    /// <summary>When the sweep began that found nothing and before which the sleep was announced; 0 while none is.</summary>
    private long _sweep;

    /// <summary>When the rings were found empty; 0 while they are not.</summary>
    private long _idleSince;

    /// <summary>Until when this idle time may be spun through; 0 if that was not decided yet.</summary>
    private long _spinUntil;

    /// <summary>When the period began that a timer is in.</summary>
    private long _period;
    private bool _isAnnounced;
    private bool _wasWoken;

    /// <summary>Whether the last thing before the sweep was a spin that saw something.</summary>
    private bool _hasSpun;

    /// <summary>Whether a batch of the last sweep was cut because its time was over.</summary>
    private bool _isCut;

    /// <summary>Whether the CPUs of all its rings are offline.</summary>
    private bool IsParked
    {
        get
        {
            foreach (ConsumerLane lane in _lanes)
            {
                if (lane.IsOpen && !lane.Lane.IsCpuAway(0))
                    return false;
            }

            return true;
        }
    }

    private void AfterFind()
    {
        StandDown();
        if (_idleSince != 0)
        {
            // Not looked at while there is something to do.
            _gaps.Learn(Stopwatch.GetTimestamp() - _idleSince);
            _idleSince = 0;
            _spinUntil = 0;
        }

        if (_hasSpun)
        {
            Counts.SpinFind();
            _hasSpun = false;
        }

        _wasWoken = false;

        // A timer leaves nothing for its next look that it has begun with: neither the rest of a batch, nor a flush.
        if (_options.Wait.Kind == WaitPolicyKind.Timer && !_isCut && !HasNews())
            AwaitPeriod();
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
            // Moved by the kernel to a CPU that is not its own: it is not there to spin, nor to look at rings that stand still.
            case not WaitPolicyKind.Block when IsParked:
                Block();
                break;
            case WaitPolicyKind.BusySpin:
                _hasSpun = Spin(Deadline.None);
                if (!_hasSpun)
                    Harvest();

                break;
            case WaitPolicyKind.SpinThenBlock when MaySpin():
                _hasSpun = Spin(_spinUntil);
                break;

            // A flush that waits for an unfinished record is not for the next period.
            case WaitPolicyKind.Timer when !HasNews():
                AwaitPeriod();
                break;
            default:
                Block();
                break;
        }
    }

    /// <summary>Whether this idle time is to be spun through for longer.</summary>
    private bool MaySpin()
    {
        // What a spin has seen and no sweep has found is a record that is not finished: it may stay so for long, and to look at it
        // again and again helps nobody, least of all its producer.
        if (_isAnnounced || _hasSpun)
        {
            _hasSpun = false;
            return false;
        }

        if (_spinUntil == 0)
            _spinUntil = _idleSince + _gaps.NextSpin();

        return Stopwatch.GetTimestamp() < _spinUntil;
    }

    /// <summary>Announces the sleep at the first call; sleeps at the next ones, when the sweep between has found nothing.</summary>
    private void Block()
    {
        if (!_isAnnounced)
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
        long next = _period + Deadline.Nanoseconds(_options.Wait.Time);
        if (next <= now)
        {
            // The first, or late: the periods begin anew, instead of being made up for in a hurry.
            _period = now;
            return;
        }

        _waiter.Prepare();
        _isAnnounced = true;
        Sleep(now, next - now);

        // Woken before, by a flush, it is still in the same period.
        if (_sweep >= next)
            _period = _sweep;
    }

    private void Sleep(long now, long longest)
    {
        // CpuChanged sets what it has to say before it wakes, and the wake may have been taken with another.
        if (_mustPlace)
            return;

        long until = Volatile.Read(ref _stopAt);
        if (until != Deadline.None)
            longest = Math.Min(longest, Math.Max(0, until - now));

        long wakeups = _waiter.Wakeups;
        _waiter.Wait(longest);
        _sweep = Stopwatch.GetTimestamp();
        _wasWoken = _waiter.Wakeups != wakeups;
        if (_wasWoken)
            Counts.Wakeup();
        else if (longest != 0 && _sweep - now >= longest)
            Counts.AgedSweep();
    }

    /// <summary>Takes back what was announced.</summary>
    private void StandDown()
    {
        if (!_isAnnounced)
            return;

        _isAnnounced = false;
        _waiter.StandDown();
    }

    /// <summary>Takes what has hung up, for a thread that never sleeps: the end of tasks is announced by nothing else. It takes wake
    /// flags, too, and a sweep follows.</summary>
    private void Harvest()
    {
        if (_waiter is EpollWaiter)
            _waiter.Wait(0);
    }

    private bool HasNews()
    {
        foreach (ConsumerLane lane in _lanes)
        {
            if (lane.IsOpen && lane.Lane.HasNews)
                return true;
        }

        return false;
    }

    /// <summary>Looks until there is something, or it is time.</summary>
    /// <returns>Whether there is.</returns>
    private bool Spin(long until)
    {
        for (int look = 0; look < LooksUntilSweep; look++)
        {
            if (_mustPlace || IsParked || Volatile.Read(ref _stopAt) != Deadline.None || Stopwatch.GetTimestamp() >= until)
                return false;

            foreach (ConsumerLane lane in _lanes)
            {
                // The lane is held: its memory stays, whatever happens to the reader meanwhile.
                if (lane.IsHeld && lane.Lane.IsWorthARead())
                    return true;
            }

            // A call that the collector can stop the thread at.
            Thread.SpinWait(PausesBetweenLooks);
        }

        return false;
    }
}
