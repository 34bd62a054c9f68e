namespace PerfRing.Tests.Readers;

public sealed class WakeupTests
{
    public static TheoryData<Wakeup> All => [Wakeup.Immediate, Wakeup.Polled, Wakeup.AfterEvents(1), Wakeup.AfterBytes(1)];

    [Theory]
    [MemberData(nameof(All))]
    public void Without_a_longest_delay_there_is_the_default(Wakeup wakeup) =>
        Assert.Equal(Wakeup.DefaultLongestDelay, wakeup.LongestDelay);

    [Theory]
    [MemberData(nameof(All))]
    public void A_longest_delay_changes_nothing_else(Wakeup wakeup)
    {
        Wakeup within = wakeup.Within(TimeSpan.FromTicks(1));
        Assert.Equal(
            (wakeup.Kind, wakeup.Threshold, TimeSpan.FromTicks(1)), (within.Kind, within.Threshold, within.LongestDelay));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_longest_delay_of_zero_is_refused(Wakeup wakeup) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => wakeup.Within(TimeSpan.Zero));

    [Theory]
    [InlineData(-1L)]
    [InlineData(-10_001L)]
    [InlineData(long.MinValue)]
    public void A_negative_longest_delay_is_refused(long ticks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Wakeup.Immediate.Within(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void A_threshold_may_give_up_the_longest_delay() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, Wakeup.AfterEvents(64).Within(Timeout.InfiniteTimeSpan).LongestDelay);

    [Fact]
    public void A_polled_reader_that_never_looks_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Wakeup.Polled.Within(Timeout.InfiniteTimeSpan));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Fewer_than_one_event_is_refused(int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Wakeup.AfterEvents(count));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Less_than_one_byte_is_refused(int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Wakeup.AfterBytes(count));

    [Fact]
    public void The_default_value_is_immediate() => Assert.Equal(Wakeup.Immediate, default);

    [Fact]
    public void It_says_what_it_is() => Assert.Equal(
        [
            "immediate, within 10 ms",
            "polled, within 1 ms",
            "after 64 events, no longest delay",
            "after 4096 bytes, within 0.1 ms",
        ],
        [
            Wakeup.Immediate.ToString(),
            Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)).ToString(),
            Wakeup.AfterEvents(64).Within(Timeout.InfiniteTimeSpan).ToString(),
            Wakeup.AfterBytes(4096).Within(TimeSpan.FromMicroseconds(100)).ToString(),
        ]);
}
