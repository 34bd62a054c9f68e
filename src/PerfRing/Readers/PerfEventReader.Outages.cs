using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

public sealed partial class PerfEventReader : ICpuWatched
{
    /// <summary>The longest that clock and event may be read apart, in nanoseconds: who was held up between them looks again.</summary>
    private const ulong PromptLook = 300_000;
    private const int MostLooks = 3;

    /// <summary>How long a disabled event may be unseen, in nanoseconds, without being asked soon after it is enabled.</summary>
    private const ulong LongUnseen = 1_000_000_000;

    private readonly PerfEventAttr _attr;
    private readonly CpuTopology _topology;

    /// <summary>The events of each ring.</summary>
    private readonly PerfEventDescriptor[][] _eventsOf;
    private readonly CpuPulse[] _pulses;
    private bool _isEnabled;

    bool ICpuWatched.Look(bool byClock)
    {
        if (IsDisposed)
            return false;

        // Most looks end here, without keeping Dispose from closing at once.
        CpuSet? online = _topology.LookOnline();
        if (!byClock && !IsWorthALook(online))
            return true;

        if (!TryHold())
            return false;

        try
        {
            for (int ring = 0; ring < _owners.Length; ring++)
                Look(ring, online, byClock);
        }
        finally
        {
            EndHold();
        }

        return true;
    }

    /// <summary>Starts with the outage of each CPU that was offline when the reader was opened.</summary>
    private void BeginOutages()
    {
        ulong now = Now();
        for (int ring = 0; ring < _owners.Length; ring++)
        {
            _pulses[ring].Start(MonotonicNow(), now, enabled: 0, isSuspect: false);
            if (_owners[ring].Live is null)
                Rings[ring].Outages.Begin(now);
        }
    }

    /// <summary>Whether a look that asks nobody is not enough.</summary>
    private bool IsWorthALook(CpuSet? online)
    {
        for (int ring = 0; ring < _owners.Length; ring++)
        {
            if (Rings[ring].Outages.IsOpen || _pulses[ring].IsSuspect || !IsListed(ring, online))
                return true;
        }

        return false;
    }

    private void Look(int ring, CpuSet? online, bool byClock)
    {
        bool isListed = IsListed(ring, online);
        RingOutages outages = Rings[ring].Outages;
        bool wasOpen = outages.IsOpen;
        bool began = false;
        bool ended = false;
        lock (_changing)
        {
            try
            {
                if (!wasOpen && HasDied(ring, isListed, byClock, out ulong died))
                {
                    outages.Begin(died);
                    began = true;
                }

                // What was refused for another reason than that the CPU is offline is not asked for at every look.
                if (outages.IsOpen && (byClock || (isListed && !outages.IsRefused)))
                    ended = TryRevive(ring);
            }
            catch (SystemCallException e)
            {
                foreach (PerfEventDescriptor perfEvent in _eventsOf[ring])
                    perfEvent.DropNext();

                outages.Refuse(e);
            }
        }

        // When it is back there is a notice to read, for which whoever waits is woken.
        if (began)
            CpuChanged(ring, isBack: false);

        if (ended)
            CpuChanged(ring, isBack: true);
    }

    private bool IsListed(int ring, CpuSet? online) => online is null || online.Contains(_owners[ring].Cpu);

    private bool HasDied(int ring, bool isListed, bool byClock, out ulong died)
    {
        died = 0;
        if (_isEnabled)
        {
            if (!byClock && isListed && !_pulses[ring].IsSuspect)
                return false;

            ulong clock;
            ulong stamp;
            ulong enabled;
            int looks = 0;
            do
            {
                clock = MonotonicNow();
                stamp = Now();
                enabled = _owners[ring].ReadEnabled();
            }
            while (MonotonicNow() - clock > PromptLook && ++looks < MostLooks);

            return _pulses[ring].HasStopped(clock, stamp, enabled, out died);
        }

        // Nothing moves, so the list has to do; and as a list may be anybody's word, the kernel's own. What was off and on too
        // quickly for that is found once the events are enabled.
        died = Now();
        return !isListed && PerfEventDescriptor.IsOffline(_owners[ring].Cpu);
    }

    /// <summary>Opens the events of a ring anew, into the same memory.</summary>
    /// <returns>False while the CPU is offline.</returns>
    /// <exception cref="SystemCallException">The kernel refused for another reason.</exception>
    private bool TryRevive(int ring)
    {
        PerfEventDescriptor owner = _owners[ring];
        PerfEventDescriptor[] events = _eventsOf[ring];
        foreach (PerfEventDescriptor perfEvent in events)
        {
            int result = perfEvent.TryOpenNext(_attr, owner);
            if (result == -Errno.ENODEV && PerfEventDescriptor.IsOffline(owner.Cpu))
            {
                foreach (PerfEventDescriptor opened in events)
                    opened.DropNext();

                return false;
            }

            Errno.ThrowIfFailed(
                result, "perf_event_open", PerfEventRemedy.ForOpening(-result, perfEvent.Source, owner.Cpu, process: null));
        }

        // From here on nothing writes into the ring: the old events are dead or stopped, the new ones disabled.
        foreach (PerfEventDescriptor perfEvent in events)
        {
            perfEvent.StopLast();
            perfEvent.Replace(isOwner: ReferenceEquals(perfEvent, owner));
            Rings[ring].Origin.Add(perfEvent.Id, perfEvent.SourceIndex);
        }

        if (!_isStopped || _pauseMethod == PauseMethod.Output)
        {
            foreach (PerfEventDescriptor perfEvent in events)
                _slots.Refill(perfEvent);
        }

        ulong now = Now();
        _pulses[ring].Start(MonotonicNow(), now, enabled: 0, isSuspect: false);
        Rings[ring].Announce(Rings[ring].Outages.End(now));
        if (_isEnabled)
            EnableRing(ring, now);

        return true;
    }

    private void EnableRing(int ring, ulong now)
    {
        if (_owners[ring].Live is null)
            return;

        // Read while it is disabled: that interrupts nobody. It may have died unnoticed meanwhile, so it is looked at soon.
        ulong clock = MonotonicNow();
        bool isSuspect = _pulses[ring].Age(clock) > LongUnseen;
        _pulses[ring].Start(clock, now, _owners[ring].ReadEnabled(), isSuspect);
        foreach (PerfEventDescriptor perfEvent in _eventsOf[ring])
            perfEvent.Enable();
    }

    /// <summary>CLOCK_MONOTONIC, which the event's own clock goes with: others jump, or go on while the machine sleeps.</summary>
    private static ulong MonotonicNow() => (ulong)Stopwatch.GetTimestamp();

    private ulong Now()
    {
        int result = Shim.ClockGetTime((int)Clock, out ulong now);
        if (result != 0)
            ThrowNoClock(result);

        return now;
    }

    // The text is made only here: it would be an allocation with each look.
    [DoesNotReturn]
    private void ThrowNoClock(int result) => Errno.Throw(result, "clock_gettime", $"the clock {Clock}");
}
