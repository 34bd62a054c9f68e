using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

public sealed class PerCoreConsumerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly PerCoreConsumerOptions Unpinned = new() { Placement = ThreadPlacement.Unpinned };

    public static TheoryData<WaitPolicy> Policies => new(
        WaitPolicy.Block,
        WaitPolicy.BusySpin,
        WaitPolicy.SpinThenBlock(TimeSpan.FromMicroseconds(50)),
        WaitPolicy.Timer(TimeSpan.FromMilliseconds(1)));

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Each_ring_has_a_handler_and_a_thread_of_its_own(WaitPolicy policy)
    {
        using FakePerfRing one = new(cpu: 3);
        using FakePerfRing two = new(cpu: 7);
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)), one, two);
        Recorder seen = new();
        await using (PerCoreConsumer.Start(reader, seen.For, Unpinned with { Wait = policy }))
        {
            one.WriteNumbers(1, 20);
            two.WriteNumbers(101, 110);
            seen.Until(30);
        }

        Assert.Equal(Enumerable.Range(1, 20).Select(static n => (long)n), seen.Of(3));
        Assert.Equal(Enumerable.Range(101, 10).Select(static n => (long)n), seen.Of(7));
        Assert.Equal(2, seen.Threads.Count);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Records_that_come_one_by_one_are_all_seen(WaitPolicy policy)
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)), ring);
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(reader, seen.For, Unpinned with { Wait = policy });
        for (int i = 1; i <= 100; i++)
        {
            ring.WriteNumbers(i, i);
            seen.Until(i);
        }

        ConsumerStatistics statistics = Assert.Single(consumer.ReadStatistics());
        Assert.Equal((100, "perfring/0"), (statistics.Records, statistics.Name));
        Assert.InRange(statistics.Batches, 1, 100);
    }

    [Fact]
    public async Task A_group_is_read_by_one_thread()
    {
        using FakePerfRing one = new(cpu: 3);
        using FakePerfRing two = new(cpu: 7);
        using FakeReader reader = new(one, two);
        Recorder seen = new();
        await using (PerCoreConsumer consumer = PerCoreConsumer.Start(reader, seen.For, Unpinned with { Group = static _ => 0 }))
        {
            one.WriteNumbers(1, 2);
            two.WriteNumbers(11, 12);
            seen.Until(4);
            Assert.Single(consumer.ReadStatistics());
        }

        Assert.Equal([1, 2], seen.Of(3));
        Assert.Equal([11, 12], seen.Of(7));
        Assert.Single(seen.Threads);
    }

    [Fact]
    public async Task Readers_of_different_kinds_share_a_thread()
    {
        using FakePerfRing perf = new(cpu: 0);
        using FakeReader perfReader = new(perf);
        using SharedRing shared = SharedRing.CreateAnonymous(new SharedRingOptions());
        using SharedRingWriter writer = shared.OpenWriter();
        using SharedRingReader sharedReader = SharedRingReader.Open(shared);
        using FakeFramedRing framed = new();
        using FakeReader framedReader = new(Wakeup.Immediate, framed.Ring);
        Recorder seen = new();
        await using (PerCoreConsumer.Start([perfReader, sharedReader, framedReader], seen.For, Unpinned with { Group = static _ => 0 }))
        {
            perf.WriteNumbers(1, 1);
            Assert.True(writer.TryWrite(BitConverter.GetBytes(2L)));
            Assert.True(framed.Write(BitConverter.GetBytes(3L)));
            seen.Until(3);
        }

        Assert.Equal([1, 2, 3], seen.Numbers.Order());
        Assert.Single(seen.Threads);
    }

    [Fact]
    public async Task A_shared_ring_alone_wakes_its_consumer()
    {
        using SharedRing shared = SharedRing.CreateAnonymous(new SharedRingOptions());
        using SharedRingWriter writer = shared.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(
            shared, new SharedRingReaderOptions { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(reader, seen.For, Unpinned);
        for (int i = 1; i <= 50; i++)
        {
            Assert.True(writer.TryWrite(BitConverter.GetBytes((long)i)));
            seen.Until(i);
        }
    }

    [Fact]
    public async Task Disposing_delivers_what_is_in_the_rings()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan), ring);
        Recorder seen = new();
        PerCoreConsumer consumer = PerCoreConsumer.Start(reader, seen.For, Unpinned);

        // Nothing announces them.
        ring.WriteNumbers(1, 50);
        await consumer.DisposeAsync();
        Assert.Equal(50, seen.Numbers.Count());
        await consumer.Completion;
        await consumer.DisposeAsync();
    }

    [Fact]
    public async Task Disposing_with_no_time_to_drain_leaves_the_rest_in_the_rings()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan), ring);
        Recorder seen = new();
        PerCoreConsumer consumer = PerCoreConsumer.Start(reader, seen.For, Unpinned with { DrainTimeout = TimeSpan.Zero });
        await consumer.FlushAsync().WaitAsync(Patience);
        ring.WriteNumbers(1, 5);
        await consumer.DisposeAsync();

        // The thread may have been between two looks: whatever it took it has handled.
        Assert.Equal([1, 2, 3, 4, 5], seen.Numbers.Concat(Shown.Numbers(reader)));
    }

    [Fact]
    public async Task Disposing_ends_while_records_keep_coming()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Recorder seen = new();
        PerCoreConsumer consumer = PerCoreConsumer.Start(reader, seen.For, Unpinned);
        using CancellationTokenSource stop = new();
        Task producer = Task.Run(() =>
        {
            for (long i = 1; !stop.IsCancellationRequested; i++)
                ring.Write(Numbered.Sample(i));
        });
        seen.Until(1000);
        await consumer.DisposeAsync().AsTask().WaitAsync(Patience);
        await stop.CancelAsync();
        await producer;
    }

    [Fact]
    public async Task Afterwards_the_reader_goes_on()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Recorder seen = new();
        PerCoreConsumer consumer = PerCoreConsumer.Start(reader, seen.For, Unpinned);
        Assert.Throws<InvalidOperationException>(() => reader.StatusOf(TimeSpan.Zero));
        await consumer.DisposeAsync();
        ring.WriteNumbers(1, 2);
        Assert.Equal([1, 2], Shown.Numbers(reader));
        await using PerCoreConsumer again = PerCoreConsumer.Start(reader, seen.For, Unpinned);
        ring.WriteNumbers(3, 4);
        seen.Until(2);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Disposing_the_reader_ends_the_consumer(WaitPolicy policy)
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromSeconds(20)), one, two);
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(reader, new Recorder().For, Unpinned with { Wait = policy });
        reader.Dispose();
        await consumer.Completion.WaitAsync(Patience);
        Assert.Equal((1, true, true), (reader.Closes, one.IsUnmapped, two.IsUnmapped));
    }

    [Fact]
    public async Task A_handler_that_throws_ends_all_and_its_exception_is_the_completion_s()
    {
        using FakePerfRing one = new(cpu: 3);
        using FakePerfRing two = new(cpu: 7);
        using FakeReader reader = new(one, two);
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, cpu => new Recorder.Handler(seen, cpu) { ThrowsAt = 2 }, Unpinned);
        one.WriteNumbers(1, 3);
        await Assert.ThrowsAsync<HandlerException>(() => consumer.Completion.WaitAsync(Patience));

        // What it threw at counts as handled, the rest is still there.
        Assert.Equal([3], Shown.Numbers(reader));
    }

    [Fact]
    public async Task A_handler_that_throws_may_leave_the_others_alone()
    {
        using FakePerfRing one = new(cpu: 3);
        using FakePerfRing two = new(cpu: 7);
        using FakeReader reader = new(one, two);
        Recorder seen = new();
        PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, cpu => new Recorder.Handler(seen, cpu) { ThrowsAt = 2 }, Unpinned with { StopsOnFailure = false });
        one.WriteNumbers(1, 2);
        seen.Until(1);
        Wait.Until(() => one.Ring.Tail == one.Ring.LoadProducer(), "the handler to throw");
        for (int i = 11; i <= 20; i++)
        {
            two.WriteNumbers(i, i);
            seen.Until(i - 9);
        }

        Assert.False(consumer.Completion.IsCompleted);
        await consumer.DisposeAsync();
        await Assert.ThrowsAsync<HandlerException>(() => consumer.Completion);
    }

    [Fact]
    public async Task A_handler_that_has_enough_ends_its_ring_only()
    {
        using FakePerfRing one = new(cpu: 3);
        using FakePerfRing two = new(cpu: 7);
        using FakeReader reader = new(one, two);
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, cpu => new Recorder.Handler(seen, cpu) { EndsAt = cpu == 3 ? 2 : 12 }, Unpinned);
        one.WriteNumbers(1, 5);
        seen.Until(2);
        Assert.False(consumer.Completion.IsCompleted);
        two.WriteNumbers(11, 15);
        await consumer.Completion.WaitAsync(Patience);
        Assert.Equal([1, 2, 11, 12], seen.Numbers.Order());
        Assert.Equal([3, 4, 5, 13, 14, 15], Shown.Numbers(reader).Order());
    }

    [Fact]
    public async Task A_flush_is_done_when_everything_was_delivered()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan), one, two);
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(reader, seen.For, Unpinned);
        for (int i = 1; i <= 50; i++)
        {
            one.WriteNumbers(i, i);
            two.WriteNumbers(i, i);
            await consumer.FlushAsync().WaitAsync(Patience);
            Assert.Equal(2 * i, seen.Numbers.Count());
        }
    }

    [Fact]
    public async Task Flushes_of_reader_and_consumer_may_mix()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan), one, two);
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(reader, new Recorder().For, Unpinned);
        for (int i = 0; i < 200; i++)
        {
            reader.Flush();
            Task first = consumer.FlushAsync();
            reader.Flush();
            Task second = consumer.FlushAsync();
            await second.WaitAsync(Patience);
            await first.WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task A_flush_after_the_end_is_done_at_once()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        PerCoreConsumer consumer = PerCoreConsumer.Start(reader, new Recorder().For, Unpinned);
        await consumer.DisposeAsync();
        await consumer.FlushAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Flushing_and_ending_may_race()
    {
        for (int i = 0; i < 100; i++)
        {
            using FakePerfRing ring = new();
            using FakeReader reader = new(ring);
            PerCoreConsumer consumer = PerCoreConsumer.Start(reader, new Recorder().For, Unpinned);
            Task flush = Task.Run(consumer.FlushAsync);
            await consumer.DisposeAsync().AsTask().WaitAsync(Patience);
            await flush.WaitAsync(Patience);
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Nothing_is_allocated(WaitPolicy policy)
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)), ring);
        Allocations allocations = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, _ => new Allocations.Handler(allocations), Unpinned with { Wait = policy });
        FakeSample sample = Numbered.Sample(1);
        for (int round = 0; round < 300; round++)
        {
            for (int i = 0; i < 20; i++)
                Assert.True(ring.Write(sample));

            // No flush, which is asked for under a lock: that may allocate when it is contended for the first time.
            int expected = 20 * (round + 1);
            Wait.Until(() => allocations.Records == expected, $"{expected} records", Patience);
        }

        Assert.Equal(6000, allocations.Records);
        Assert.Equal(0, allocations.SinceWarm);
    }

    /// <summary>What the consumer's thread allocates, as seen from its handler.</summary>
    private sealed class Allocations
    {
        internal long Records { get; private set; }

        internal long SinceWarm { get; private set; }

        internal struct Handler(Allocations seen) : IRecordHandler
        {
            private const int Warm = 2000;

            private long _atWarm;

            public bool Handle(Record record)
            {
                if (++seen.Records == Warm)
                    _atWarm = GC.GetAllocatedBytesForCurrentThread();
                else if (seen.Records > Warm)
                    seen.SinceWarm = GC.GetAllocatedBytesForCurrentThread() - _atWarm;

                return true;
            }
        }
    }
}
