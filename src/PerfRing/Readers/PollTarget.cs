using PerfRing.Interop;

namespace PerfRing;

/// <summary>Something that a <see cref="RingPoller"/> looks at for as long as it waits.</summary>
internal abstract class PollTarget
{
    /// <summary>Not waiting: nothing to look at.</summary>
    internal const long Never = long.MaxValue;

    private long _nextLook = Never;

    /// <summary>When it has to be looked at in any case, as a point in time of <see cref="Deadline"/>; <see cref="Never"/> while
    /// it does not wait, or waits for its descriptor alone.</summary>
    internal long NextLook
    {
        get => Volatile.Read(ref _nextLook);
        set => Volatile.Write(ref _nextLook, value);
    }

    /// <summary>What announces it: ready when a look is worth it. Null for what only the clock finds.</summary>
    internal abstract Descriptor? Announcer { get; }

    /// <summary>The number under which the poller knows it; 0 before.</summary>
    internal ulong Token { get; set; }

    /// <summary>Looks after a report of the descriptor, which disarmed it, and arms it again. Called now and then for no
    /// reason.</summary>
    internal abstract void Look();

    /// <summary>Looks because it is time. The descriptor is armed.</summary>
    internal abstract void LookByTheClock();

    /// <summary>Ends the wait with an error: nobody will look any more.</summary>
    internal abstract void Abandon();
}
