namespace PerfRing.Tests.Readers;

public sealed class CpuPulseTests
{
    private const ulong Millisecond = 1_000_000;
    private const ulong Second = 1_000 * Millisecond;

    /// <summary>The other clock is ahead.</summary>
    private const ulong Ahead = 77 * Second;

    private CpuPulse _pulse;

    public CpuPulseTests() => _pulse.Start(10 * Second, Ahead + (10 * Second), 0, isSuspect: false);

    [Fact]
    public void An_event_that_goes_with_the_clock_is_alive()
    {
        for (ulong seconds = 1; seconds < 100; seconds++)
        {
            Assert.False(Look(seconds * Second, seconds * Second, out _));
            Assert.False(_pulse.IsSuspect);
        }
    }

    [Fact]
    public void One_that_stands_still_has_died_when_it_stopped()
    {
        Assert.False(Look(1 * Second, 1 * Second, out _));
        Assert.False(Look(2 * Second, 1_300 * Millisecond, out _));
        Assert.True(_pulse.IsSuspect);
        Assert.True(Look(2_050 * Millisecond, 1_300 * Millisecond, out ulong died));
        Assert.Equal(Ahead + (11_300 * Millisecond), died);
    }

    [Fact]
    public void One_that_lags_because_somebody_was_held_up_is_alive()
    {
        Assert.False(Look(1_400 * Millisecond, 1_000 * Millisecond, out _));
        Assert.True(_pulse.IsSuspect);
        Assert.False(Look(1_450 * Millisecond, 1_050 * Millisecond, out _));
        Assert.False(_pulse.IsSuspect);

        // The lag is forgotten: from here on the two go together again.
        Assert.False(Look(2_450 * Millisecond, 2_050 * Millisecond, out _));
        Assert.False(_pulse.IsSuspect);
    }

    [Fact]
    public void A_clock_that_advances_by_ticks_is_not_taken_for_dead()
    {
        for (ulong time = Millisecond; time < Second; time += Millisecond)
            Assert.False(Look(time, time / (10 * Millisecond) * 10 * Millisecond, out _));
    }

    [Fact]
    public void One_that_was_dead_when_it_was_enabled_is_found_at_the_second_look()
    {
        _pulse.Start(20 * Second, Ahead + (20 * Second), 5 * Second, isSuspect: true);
        Assert.False(Look((10 * Second) + (10 * Millisecond), 5 * Second, out _));
        Assert.True(Look((10 * Second) + (60 * Millisecond), 5 * Second, out ulong died));
        Assert.Equal(Ahead + (20 * Second), died);
    }

    private bool Look(ulong clock, ulong enabled, out ulong died) =>
        _pulse.HasStopped((10 * Second) + clock, Ahead + (10 * Second) + clock, enabled, out died);
}
