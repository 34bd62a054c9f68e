using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Consumers;

/// <summary>The promise that every record arrives: at the threshold, or after the longest delay, wherever it was written and
/// however its consumer waits.</summary>
[Collection(Machine.Name)]
public sealed class WakeupContractTests
{
    private const int BufferSize = 64 * 1024;

    public static TheoryData<WaitPolicy> Policies => new(
        WaitPolicy.Block,
        WaitPolicy.SpinThenBlock(TimeSpan.FromMicroseconds(100)),
        WaitPolicy.BusySpin);

    /// <summary>The policies, and how many of ten thousand rounds each has: one that spins on every CPU leaves the test a time slice
    /// now and then.</summary>
    public static TheoryData<WaitPolicy, int> Rounds => new()
    {
        { WaitPolicy.Block, 6_000 },
        { WaitPolicy.SpinThenBlock(TimeSpan.FromMicroseconds(100)), 3_800 },
        { WaitPolicy.BusySpin, 200 },
    };

    /// <summary>The scenario that started the project: records scattered over some of the CPUs, on each of them fewer than
    /// wake.</summary>
    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [MemberData(nameof(Rounds))]
    public async Task Scattered_events_arrive_whatever_the_threshold(WaitPolicy policy, int rounds)
    {
        int[] thresholds = [1, 2, 3, 5, 10, 30, 100, 300, 600, 1_000];
        int[] cpus = MachineCpus.Online();
        foreach (int threshold in thresholds)
        {
            using BpfOutput output = new(Timed(Wakeup.AfterEvents(threshold).Within(TimeSpan.FromMilliseconds(1))));
            Arrivals arrivals = new();
            await using PerCoreConsumer consumer = PerCoreConsumer.Start(
                output.Reader, arrivals.For, new PerCoreConsumerOptions { Wait = policy });
            for (int round = 1; round <= rounds / thresholds.Length; round++)
            {
                long before = arrivals.Records;
                int scattered = 1 + round % cpus.Length;
                for (int i = 0; i < scattered; i++)
                    output.Program.Emit(cpus[(round + i) % cpus.Length], 8);

                arrivals.Until(before + scattered, $"records below a threshold of {threshold}, round {round}");
            }

            Assert.Equal(0ul, output.Reader.ReadLosses().Lost);
        }
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [MemberData(nameof(Policies))]
    public async Task What_stays_below_the_threshold_of_a_perf_ring_is_there_after_the_longest_delay(WaitPolicy policy)
    {
        TimeSpan longest = TimeSpan.FromMilliseconds(20);
        using BpfOutput output = new(Timed(Wakeup.AfterEvents(1_000).Within(longest)));
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            output.Reader, arrivals.For, new PerCoreConsumerOptions { Wait = policy });
        AssertWithin(consumer, longest, arrivals, output.Program, size: 8);
    }

    [KernelTheory(Needs.Bpf)]
    [MemberData(nameof(Policies))]
    public async Task What_nobody_announces_in_a_BPF_ring_is_there_after_the_longest_delay(WaitPolicy policy)
    {
        TimeSpan longest = TimeSpan.FromMilliseconds(20);
        using BpfTestMap ring = BpfTestMap.RingBuffer(BufferSize);
        using RingOutputProgram program = new(ring, stamps: true);
        using BpfMap map = BpfMap.FromDescriptor(ring.Descriptor);
        using BpfRingReader reader = BpfRingReader.Open(
            map, new BpfRingReaderOptions { Wakeup = Wakeup.AfterEvents(1_000).Within(longest) });
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            reader, arrivals.For, new PerCoreConsumerOptions { Wait = policy, StampOffset = RingOutputProgram.StampOffset });
        AssertWithin(consumer, longest, arrivals, program, size: 16);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task A_timer_finds_every_record_and_is_woken_by_none()
    {
        TimeSpan period = TimeSpan.FromMilliseconds(2);
        using BpfOutput output = new(Timed(Wakeup.Polled.Within(period)));
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            output.Reader, arrivals.For, new PerCoreConsumerOptions { Wait = WaitPolicy.Timer(period) });
        AssertWithin(consumer, period, arrivals, output.Program, size: 8);
        Assert.All(consumer.ReadStatistics(), static thread => Assert.Equal(0, thread.Wakeups));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task A_consumer_that_blocks_is_woken_by_each_record_and_by_nothing_else()
    {
        const int rounds = 200;
        using BpfOutput output = new(Timed(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan)));
        int cpu = MachineCpus.Online()[^1];
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(output.Reader, arrivals.For);
        for (int round = 1; round <= rounds; round++)
        {
            output.Program.Emit(cpu, 8);
            arrivals.Until(round, "records");
        }

        ConsumerStatistics thread = consumer.ReadStatistics().Single(thread => thread.Name == $"perfring/{cpu}");
        Assert.Equal(rounds, thread.Records);
        Assert.InRange(thread.Wakeups, rounds / 2, 2 * rounds);
        Assert.Equal(rounds, thread.Delays.Count);
        Assert.All(
            consumer.ReadStatistics().Where(other => other.Name != thread.Name), static other => Assert.Equal((0, 0), (other.Records, other.AgedSweeps)));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task A_ring_that_its_handler_has_left_announces_itself_to_its_reader_again()
    {
        int cpu = MachineCpus.Online()[0];
        using BpfOutput left = new(Timed(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan)) with { Cpus = CpuSet.Of(cpu) });
        using BpfOutput kept = new(Timed(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan)) with { Cpus = CpuSet.Of(cpu) });
        Arrivals arrivals = new();
        List<Arrivals.Handler> handlers = [arrivals.For(0) with { EndsAt = 1 }, arrivals.For(1)];
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            [left.Reader, kept.Reader], _ => Take(handlers), new PerCoreConsumerOptions());
        left.Program.Emit(cpu, 8);
        arrivals.Until(1, "record of the one");
        Wait.Until(() => IsWhole(left.Reader), "the reader to be whole");

        // Both are waited for now, by a thread each. A set that still had the descriptor would take the announcement.
        for (int round = 1; round <= 100; round++)
        {
            using Waiting waiting = new(left.Reader, ownsReader: false);
            kept.Program.Emit(cpu, 8);
            left.Program.Emit(cpu, 8);
            Assert.Equal((ReadStatus.Records, 1), waiting.Result());
            arrivals.Until(1 + round, "records");
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task A_spin_never_holds_up_the_garbage_collector()
    {
        using BpfOutput output = new(Timed(Wakeup.Polled));
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            output.Reader, arrivals.For, new PerCoreConsumerOptions { Wait = WaitPolicy.BusySpin });
        TimeSpan before = GC.GetTotalPauseDuration();
        Task collections = Task.Run(static () =>
        {
            for (int i = 0; i < 50; i++)
                GC.Collect();
        });

        // A spin without a place to stop at would hold up the first of them for ever, as nothing comes that would end it.
        await collections.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.InRange((GC.GetTotalPauseDuration() - before) / 50, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        output.Program.Emit(MachineCpus.Online()[0], 8);
        arrivals.Until(1, "record");
    }

    private static Arrivals.Handler Take(List<Arrivals.Handler> handlers)
    {
        Arrivals.Handler first = handlers[0];
        handlers.RemoveAt(0);
        return first;
    }

    private static bool IsWhole(RingReader reader)
    {
        try
        {
            using RecordBatch batch = reader.Read(TimeSpan.Zero);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void AssertWithin(
        PerCoreConsumer consumer, TimeSpan longest, Arrivals arrivals, BpfOutputProgram program, int size)
    {
        const int rounds = 60;
        int[] cpus = MachineCpus.Online();
        for (int round = 0; round < rounds; round++)
        {
            program.Emit(cpus[round % cpus.Length], size);
            arrivals.Until(round + 1, "records");
        }

        // Scheduling comes on top, on a machine that does other things as well: so the median, which it hardly touches.
        DelayDistribution delays = DelayDistribution.Sum(consumer.ReadStatistics().Select(static thread => thread.Delays));
        Assert.Equal(rounds, delays.Count);
        Assert.InRange(delays.Percentile(0.5), TimeSpan.FromTicks(1), longest + longest);
    }

    private static PerfEventReaderOptions Timed(Wakeup wakeup) => new()
    {
        BufferSize = BufferSize,
        Fields = SampleFields.Raw | SampleFields.Time,
        Wakeup = wakeup,
    };
}
