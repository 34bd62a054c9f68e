using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

public sealed class CancellationTests
{
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);

    [Fact]
    public void A_token_canceled_before_throws()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.Throws<OperationCanceledException>(() => reader.StatusOf(TimeSpan.Zero, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_token_canceled_before_leaves_the_records()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 2);
        Assert.Throws<OperationCanceledException>(() => reader.StatusOf(TimeSpan.Zero, new CancellationToken(canceled: true)));
        Assert.Equal([1, 2], Shown.Numbers(reader));
    }

    [Fact]
    public void A_token_canceled_by_another_thread_ends_the_wait()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        using CancellationTokenSource source = new();
        OtherThread consumer = new(() => reader.StatusOf(Timeout.InfiniteTimeSpan, source.Token));
        consumer.UntilItSleeps();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(consumer.Join);
    }

    [Fact]
    public void The_exception_carries_the_token()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        using CancellationTokenSource source = new();
        OtherThread consumer = new(() => reader.StatusOf(Timeout.InfiniteTimeSpan, source.Token));
        consumer.UntilItSleeps();
        source.Cancel();
        Assert.Equal(source.Token, Assert.Throws<OperationCanceledException>(consumer.Join).CancellationToken);
    }

    [Fact]
    public void A_drain_that_waits_is_canceled_too()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        using CancellationTokenSource source = new();
        OtherThread consumer = new(() =>
        {
            Counting handler = default;
            reader.Drain(ref handler, default, Timeout.InfiniteTimeSpan, source.Token);
        });
        consumer.UntilItSleeps();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(consumer.Join);
    }

    [Fact]
    public void A_canceled_reader_can_be_read_again()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        using CancellationTokenSource source = new();
        OtherThread consumer = new(() => reader.StatusOf(Timeout.InfiniteTimeSpan, source.Token));
        consumer.UntilItSleeps();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(consumer.Join);
        ring.WriteNumbers(1, 2);
        Assert.Equal([1, 2], Shown.Numbers(reader));
    }

    [Fact]
    public void An_old_token_does_not_touch_a_later_read()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        using CancellationTokenSource old = new();
        reader.StatusOf(TimeSpan.FromTicks(1), old.Token);
        OtherThread consumer = new(() => reader.StatusOf());
        consumer.UntilItSleeps();
        old.Cancel();
        reader.Dispose();
        consumer.Join();
    }

    [Fact]
    public void Canceling_in_any_moment_ends_the_wait()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        for (int round = 0; round < 500; round++)
        {
            using CancellationTokenSource source = new();
            using ManualResetEventSlim started = new();
            OtherThread consumer = new(() =>
            {
                started.Set();
                reader.StatusOf(Timeout.InfiniteTimeSpan, source.Token);
            });
            started.Wait();
            Thread.SpinWait(round * 10);
            source.Cancel();
            Assert.Throws<OperationCanceledException>(consumer.Join);
        }
    }
}
