namespace PerfRing;

/// <summary>Judges from how long an event says that it was enabled whether its CPU was there all the time.</summary>
/// <remarks>
/// <code>
///   clock     |----- base -----------------|--- last ---|--- now
///   enabled   |----- base ------| x        |    =       |    =       stands still: dead since base + what it went on
///                               dead
/// </code>
/// An event that lags behind the clock is suspect, since it may have died a while after the last look: asked again, it has moved
/// or not. The lag alone would not do, as whoever looks may be held up between the clock and the event.
/// All in nanoseconds.
/// </remarks>
internal struct CpuPulse
{
    /// <summary>How much of the time between two looks an event may miss. More than a look takes, and
    /// than clocks drift apart between two of them.</summary>
    internal const ulong AllowedLag = 1_000_000;

    /// <summary>How far apart two looks must be for an event that stands still to be dead: kernels whose clock is the tick
    /// advance in steps of up to 10 ms.</summary>
    internal const ulong Stillness = 20_000_000;

    private ulong _baseClock;
    private ulong _baseStamp;
    private ulong _baseEnabled;
    private ulong _lastClock;
    private ulong _lastEnabled;

    /// <summary>Whether the event lagged at the last look, so that it is to be asked again.</summary>
    internal bool IsSuspect { readonly get; private set; }

    /// <summary>The time since it was seen alive, or started.</summary>
    internal readonly ulong Age(ulong clock) => clock - _baseClock;

    /// <summary>The event is enabled from now on.</summary>
    /// <param name="clock">CLOCK_MONOTONIC.</param>
    /// <param name="stamp">The clock that outages are told in.</param>
    /// <param name="enabled">How long the event was enabled before.</param>
    /// <param name="isSuspect">Whether it may be dead already.</param>
    internal void Start(ulong clock, ulong stamp, ulong enabled, bool isSuspect)
    {
        _baseClock = _lastClock = clock;
        _baseStamp = stamp;
        _baseEnabled = _lastEnabled = enabled;
        IsSuspect = isSuspect;
    }

    /// <summary>Takes a look at an enabled event.</summary>
    /// <param name="clock">CLOCK_MONOTONIC, read before the event was asked.</param>
    /// <param name="stamp">The other clock, read then.</param>
    /// <param name="enabled">What the event said.</param>
    /// <param name="died">When it died, by the other clock.</param>
    /// <returns>Whether it is dead.</returns>
    internal bool HasStopped(ulong clock, ulong stamp, ulong enabled, out ulong died)
    {
        died = _baseStamp + (enabled - _baseEnabled);
        if (enabled == _lastEnabled)
        {
            IsSuspect = true;
            return clock - _lastClock >= Stillness;
        }

        if (enabled - _baseEnabled + AllowedLag < clock - _baseClock && !(IsSuspect && _lastEnabled != _baseEnabled))
        {
            // The base stays: from there on it is known when it died.
            _lastClock = clock;
            _lastEnabled = enabled;
            IsSuspect = true;
            return false;
        }

        Start(clock, stamp, enabled, isSuspect: false);
        return false;
    }
}
