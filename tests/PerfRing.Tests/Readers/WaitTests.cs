using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

public sealed class WaitTests
{
    /// <summary>The reader never looks by itself: only what the test does can end a wait.</summary>
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);

    [Fact]
    public void Without_records_a_read_times_out()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void A_read_does_not_time_out_early()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromMilliseconds(3)), ring);
        long start = Stopwatch.GetTimestamp();
        reader.StatusOf(TimeSpan.FromMilliseconds(20));
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void A_timeout_of_zero_only_looks()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_timeout_of_zero_returns_what_is_there()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        ring.WriteNumbers(1, 1);
        Assert.Equal([1], Shown.Numbers(reader));
    }

    [Fact]
    public void Records_that_are_there_come_without_waiting()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        ring.WriteNumbers(1, 1);
        using RecordBatch batch = reader.Read();
        Assert.Equal(ReadStatus.Records, batch.Status);
    }

    [Fact]
    public void The_smallest_timeout_times_out()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.FromTicks(1)));
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(-2 * TimeSpan.TicksPerMillisecond)]
    [InlineData(long.MinValue)]
    public void A_negative_timeout_is_refused(long ticks)
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.StatusOf(TimeSpan.FromTicks(ticks)));
    }

    [Fact]
    public void A_read_that_was_refused_holds_nothing()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.StatusOf(TimeSpan.FromTicks(-1)));
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void The_longest_timeout_is_not_over_at_once()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)), ring);
        OtherThread consumer = new(() =>
        {
            using RecordBatch batch = reader.Read(TimeSpan.MaxValue);
            Assert.Equal([1], Shown.Numbers(batch));
        });
        consumer.UntilItSleeps();
        ring.WriteNumbers(1, 1);
        consumer.Join();
    }

    [Fact]
    public void The_longest_delay_picks_up_what_nobody_announced()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)), one, two);
        OtherThread consumer = new(() =>
        {
            using RecordBatch batch = reader.Read();
            Assert.Equal([7], Shown.Numbers(batch));
        });
        consumer.UntilItSleeps();
        two.WriteNumbers(7, 7);
        consumer.Join();
    }

    [Fact]
    public void The_default_longest_delay_holds_for_a_threshold_too()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.AfterEvents(1000), ring);
        OtherThread consumer = new(() =>
        {
            using RecordBatch batch = reader.Read();
            Assert.Equal(ReadStatus.Records, batch.Status);
        });
        consumer.UntilItSleeps();
        ring.WriteNumbers(7, 7);
        consumer.Join();
    }

    [Fact]
    public void A_wake_without_a_reason_does_not_end_a_read()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        using CancellationTokenSource source = new();
        OtherThread consumer = new(() => reader.StatusOf(Timeout.InfiniteTimeSpan, source.Token));
        for (int i = 0; i < 3; i++)
        {
            consumer.UntilItSleeps();
            reader.Nudge();
        }

        consumer.UntilItSleeps();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(consumer.Join);
    }

    [Fact]
    public void A_wake_makes_the_reader_look_at_all_rings()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(Never, one, two);
        OtherThread consumer = new(() =>
        {
            using RecordBatch batch = reader.Read();
            Assert.Equal([7], Shown.Numbers(batch));
        });
        consumer.UntilItSleeps();
        two.WriteNumbers(7, 7);
        reader.Nudge();
        consumer.Join();
    }

    [Fact]
    public void Reads_that_overlap_throw()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        OtherThread consumer = new(() => reader.StatusOf());
        consumer.UntilItSleeps();
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => reader.StatusOf(TimeSpan.Zero));
        Assert.Contains("Another read is under way", error.Message, StringComparison.Ordinal);
        reader.Dispose();
        consumer.Join();
    }

    [Fact]
    public void The_read_that_was_there_first_goes_on_after_one_that_overlapped()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        OtherThread consumer = new(() =>
        {
            using RecordBatch batch = reader.Read();
            Assert.Equal([7], Shown.Numbers(batch));
        });
        consumer.UntilItSleeps();
        Assert.Throws<InvalidOperationException>(() => reader.StatusOf(TimeSpan.Zero));
        ring.WriteNumbers(7, 7);
        reader.Nudge();
        consumer.Join();
    }

    [Fact]
    public void A_reader_with_nothing_to_watch_is_never_completed_by_itself()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.NotEqual(ReadStatus.Completed, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void The_buffer_size_is_that_of_a_ring()
    {
        using FakePerfRing ring = new(pages: 8);
        using FakeReader reader = new(ring);
        Assert.Equal(8L * Environment.SystemPageSize, reader.BufferSize);
    }
}
