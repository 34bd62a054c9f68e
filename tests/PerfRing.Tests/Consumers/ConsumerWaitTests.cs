using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

/// <summary>What a consumer does between records, and when the ground is taken from under it.</summary>
public sealed class ConsumerWaitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly PerCoreConsumerOptions Unpinned = new() { Placement = ThreadPlacement.Unpinned };

    [Fact]
    public async Task A_reader_that_is_disposed_while_handlers_are_made_ends_the_consumer()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(reader, Disposing(reader), Unpinned);
        await consumer.Completion.WaitAsync(Patience);
        Assert.True(ring.IsUnmapped);
    }

    [Fact]
    public async Task A_reader_of_a_shared_ring_that_is_disposed_while_handlers_are_made_ends_the_consumer()
    {
        using SharedRing shared = SharedRing.CreateAnonymous(new SharedRingOptions());
        SharedRingReader reader = SharedRingReader.Open(shared);
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(reader, Disposing(reader), Unpinned);
        await consumer.Completion.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_timer_goes_on_with_a_batch_that_was_cut()
    {
        // A period for every batch of 1 ms would be half a minute.
        using FakePerfRing ring = new(pages: 64);
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromSeconds(1)), ring);
        Slow.Seen seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, _ => new Slow(seen), Unpinned with { Wait = WaitPolicy.Timer(TimeSpan.FromSeconds(1)) });
        ring.WriteNumbers(1, 1500);
        await consumer.FlushAsync().WaitAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(1500, seen.Records);
    }

    [Fact]
    public async Task A_record_that_stays_unfinished_makes_no_spin_endless()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, seen.For, Unpinned with { Wait = WaitPolicy.SpinThenBlock(TimeSpan.FromMicroseconds(50)) });
        ulong position = ring.Reserve(1)!.Value;

        // Each look of a blocked thread is 10 ms after the last: a spin would have had thousands meanwhile, and no sleep.
        Wait.Until(() => consumer.ReadStatistics()[0].AgedSweeps >= 5, "looks by the clock");
        Assert.Equal(0, consumer.ReadStatistics()[0].SpinFinds);
        ring.Commit(position);
        seen.Until(1);
    }

    [Fact]
    public async Task A_lane_of_a_shared_ring_is_woken_by_its_futex()
    {
        using SharedRing shared = SharedRing.CreateAnonymous(new SharedRingOptions());
        using SharedRingWriter writer = shared.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(shared, new SharedRingReaderOptions { Wakeup = Never });
        using RingLanes lanes = reader.Split();
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(lanes[0], seen.For, Unpinned);
        for (int i = 1; i <= 50; i++)
        {
            Assert.True(writer.TryWrite(BitConverter.GetBytes((long)i)));
            seen.Until(i);
        }

        // Of the reader, through the lane and the lane of the lane.
        reader.Flush();
        await consumer.FlushAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task A_ring_that_is_left_can_be_read_while_the_thread_goes_on_with_others()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        using FakeReader first = new(one);
        using FakeReader second = new(two);
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            [first, second], cpu => new Recorder.Handler(seen, cpu) { EndsAt = cpu == 0 ? 1 : 0 }, Unpinned with { Group = static _ => 0 });
        one.WriteNumbers(1, 2);
        seen.Until(1);
        Wait.Until(() => TryRead(first), "the reader to be whole");
        two.WriteNumbers(11, 11);
        await consumer.FlushAsync().WaitAsync(Patience);
        Assert.Equal([1, 11], seen.Numbers);
    }

    [Fact]
    public async Task A_handler_that_meets_something_disposed_has_failed()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(reader, _ => new Closing(reader), Unpinned);
        ring.WriteNumbers(1, 1);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => consumer.Completion.WaitAsync(Patience));
        Assert.True(ring.IsUnmapped);
    }

    [Fact]
    public void A_reader_given_twice_is_refused()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.Throws<ArgumentException>(() => PerCoreConsumer.Start([reader, reader], new Recorder().For, Unpinned));
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_period_longer_than_the_reader_s_delay_is_refused()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)), ring);
        Assert.Contains("period", Assert.Throws<ArgumentException>(() => PerCoreConsumer.Start(
            reader, new Recorder().For, Unpinned with { Wait = WaitPolicy.Timer(TimeSpan.FromMilliseconds(2)) })).Message);
    }

    [Fact]
    public async Task A_long_spin_sweeps_in_between_and_goes_on()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        Recorder seen = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, seen.For, Unpinned with { Wait = WaitPolicy.SpinThenBlock(TimeSpan.FromSeconds(1)) });

        // Nothing announces the records: whatever is seen was seen by spinning, also some while after the last one.
        for (int i = 1; i <= 20; i++)
        {
            long until = Stopwatch.GetTimestamp() + TimeSpan.TicksPerMillisecond * 2 * 100;
            SpinWait.SpinUntil(() => Stopwatch.GetTimestamp() >= until);
            ring.WriteNumbers(i, i);
            seen.Until(i);
        }

        Assert.InRange(consumer.ReadStatistics()[0].SpinFinds, 15, 20);
    }

    private static Func<int, Recorder.Handler> Disposing(RingReader reader) => cpu =>
    {
        reader.Dispose();
        return new Recorder().For(cpu);
    };

    private static bool TryRead(FakeReader reader)
    {
        try
        {
            return Shown.Numbers(reader) is [2];
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private readonly struct Closing(RingReader reader) : IRecordHandler
    {
        public bool Handle(Record record)
        {
            reader.Dispose();
            throw new ObjectDisposedException("something of the handler's");
        }
    }

    private readonly struct Slow(Slow.Seen seen) : IRecordHandler
    {
        public bool Handle(Record record)
        {
            long until = Stopwatch.GetTimestamp() + 20_000;
            while (Stopwatch.GetTimestamp() < until)
            {
            }

            seen.Records++;
            return true;
        }

        internal sealed class Seen
        {
            internal int Records { get; set; }
        }
    }
}
