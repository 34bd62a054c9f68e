using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

public sealed class PerCoreConsumerOptionsTests
{
    [Fact]
    public void Options_out_of_range_are_named()
    {
        AssertNamed(nameof(PerCoreConsumerOptions.LongestBatch), new() { LongestBatch = TimeSpan.Zero });
        AssertNamed(nameof(PerCoreConsumerOptions.DrainTimeout), new() { DrainTimeout = TimeSpan.FromTicks(-1) });
        AssertNamed(nameof(PerCoreConsumerOptions.StampOffset), new() { StampOffset = -1 });
    }

    [Fact]
    public void Values_out_of_range_can_not_be_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => WaitPolicy.SpinThenBlock(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => WaitPolicy.Timer(TimeSpan.FromSeconds(1.1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThreadScheduling.Fifo(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThreadScheduling.Fifo(100));
        Assert.Throws<ArgumentOutOfRangeException>(() => Deadline(0.001, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Deadline(2, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Deadline(1, 2, 1));
        Assert.Throws<ArgumentException>(() => ThreadPlacement.On(CpuSet.Empty));
    }

    [Fact]
    public void A_timer_wants_a_reader_that_asks_for_no_wakeups()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        PerCoreConsumerOptions timer = new() { Wait = WaitPolicy.Timer(TimeSpan.FromMilliseconds(1)) };
        Assert.Contains(
            "Wakeup.Polled",
            Assert.Throws<ArgumentException>(() => PerCoreConsumer.Start(reader, static _ => default(Counting), timer)).Message);
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Sched_deadline_excludes_pinning()
    {
        PerCoreConsumerOptions options = new() { Scheduling = Deadline(1000, 2000, 3000) };
        Assert.Contains("Unpinned", Assert.Throws<ArgumentException>(options.Validate).Message);
        (options with { Placement = ThreadPlacement.Unpinned }).Validate();
    }

    [Fact]
    public void A_ring_that_only_the_clock_finds_can_not_share_a_thread_with_an_infinite_delay()
    {
        using SharedRing shared = SharedRing.CreateAnonymous(new SharedRingOptions());
        using SharedRingReader reader = SharedRingReader.Open(
            shared, new SharedRingReaderOptions { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        using FakePerfRing ring = new();
        using FakeReader other = new(ring);
        PerCoreConsumerOptions options = new() { Placement = ThreadPlacement.Unpinned, Group = static _ => 0 };
        Assert.Contains(
            "infinite",
            Assert.Throws<ArgumentException>(
                () => PerCoreConsumer.Start([reader, other], static _ => default(Counting), options)).Message);
        Assert.Equal(ReadStatus.TimedOut, other.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_reader_in_use_is_left_as_it_is_and_so_are_the_others()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new();
        using FakeReader first = new(one);
        using FakeReader second = new(two);
        two.WriteNumbers(1, 1);
        using (RecordBatch batch = second.Read())
        {
            Assert.Throws<InvalidOperationException>(() => PerCoreConsumer.Start(
                [first, second], static _ => default(Counting), new PerCoreConsumerOptions()));
        }

        Assert.Equal(ReadStatus.TimedOut, first.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_handler_that_can_not_be_made_leaves_the_reader_whole()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        Assert.Throws<HandlerException>(
            () => PerCoreConsumer.Start(reader, static Counting (cpu) => cpu == 0 ? default : throw new HandlerException()));
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    private static ThreadScheduling Deadline(double runtime, double deadline, double period) => ThreadScheduling.Deadline(
        TimeSpan.FromMicroseconds(runtime), TimeSpan.FromMicroseconds(deadline), TimeSpan.FromMicroseconds(period));

    private static void AssertNamed(string option, PerCoreConsumerOptions options) =>
        Assert.Contains(option, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).Message);
}
