using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Consumers;

/// <summary>Scheduler events of every CPU, under load.</summary>
[Collection(Machine.Name)]
public sealed class MergedTracepointTests
{
    private const string Switch = "sched:sched_switch";
    private const int SwitchSource = 0;
    private const long Wanted = 20_000;

    [KernelTheory(Needs.Tracepoints | Needs.PerfEvents)]
    [InlineData(0, LateRecords.DeliverMarked)]
    [InlineData(0, LateRecords.CountAsLost)]
    [InlineData(5_000, LateRecords.DeliverMarked)]
    public void Records_come_in_order_but_for_late_ones_and_all_are_counted(int holdBackMicroseconds, LateRecords late)
    {
        PerfEventSource[] sources = [PerfEventSource.Tracepoint(Switch), PerfEventSource.Tracepoint("sched:sched_wakeup")];
        using PerfEventReader reader = PerfEventReader.Open(sources, new PerfEventReaderOptions
        {
            StartDisabled = true,
            Wakeup = Wakeup.AfterEvents(64).Within(TimeSpan.FromMilliseconds(1)),
        });
        using MergedReader merged = reader.Merged(new MergeOptions
        {
            HoldBack = TimeSpan.FromMicroseconds(holdBackMicroseconds),
            Late = late,
        });
        Tally tally = new(sources.Length);
        reader.Enable();
        using (Switching.OnEveryCpu())
        {
            Wait.Until(
                () =>
                {
                    using MergedBatch batch = merged.Read(TimeSpan.FromMilliseconds(20));
                    tally.Add(batch);
                    return tally.Samples >= Wanted;
                },
                $"{Wanted} records",
                TimeSpan.FromSeconds(60));
        }

        reader.Disable();
        merged.Flush();
        ReadStatus status;
        do
        {
            using MergedBatch rest = merged.Read();
            status = rest.Status;
            tally.Add(rest);
        }
        while (status == ReadStatus.Records);

        Assert.Equal(ReadStatus.Flushed, status);
        Assert.Equal(0, merged.HeldRecords);
        Assert.True(tally.Crossings > 1_000, $"the CPUs were interleaved {tally.Crossings} times only");
        Assert.Equal(merged.Late, tally.Late + merged.LateLost);
        Assert.Equal(merged.Delivered, tally.Records);
        if (late == LateRecords.DeliverMarked)
            Assert.Equal(0, merged.LateLost);

        // Switches add up to the record. Wakeups out of an idle CPU are counted by the kernel, and not sampled.
        IReadOnlyList<PerfEventCount> counts = reader.ReadCounts();
        long left = merged.LateLost;
        for (int source = 0; source < sources.Length; source++)
        {
            long expected = counts.Where(count => count.SourceIndex == source).Sum(static count => (long)(count.Value - count.Lost!.Value));
            long missing = expected - tally.BySource[source];
            Assert.InRange(missing, 0, source == SwitchSource ? left : long.MaxValue);
        }

        ulong noticed = reader.ReadLosses().Cpus.Aggregate(0ul, static (sum, cpu) => sum + cpu.Noticed);
        Assert.Equal(noticed, tally.Noticed);
    }

    [KernelFact(Needs.PerfEvents)]
    public void Stamps_of_another_clock_are_refused_with_the_remedy()
    {
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.ContextSwitches), new PerfEventReaderOptions { Clock = EventClock.Realtime });
        ArgumentException e = Assert.Throws<ArgumentException>(() => reader.Merged());
        Assert.Contains("EventClock.Monotonic", e.Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_flight_recorder_is_refused()
    {
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.ContextSwitches),
            new PerfEventReaderOptions { BufferMode = BufferMode.OverwriteOldestFirst });
        Assert.Throws<NotSupportedException>(() => reader.Merged());
    }

    /// <summary>What was delivered, checked as it comes.</summary>
    private sealed class Tally(int sources)
    {
        private ulong _last;
        private int _lastCpu;

        internal long[] BySource { get; } = new long[sources];

        internal long Records { get; private set; }

        internal long Samples { get; private set; }

        internal long Late { get; private set; }

        internal ulong Noticed { get; private set; }

        /// <summary>How often a record of another CPU followed.</summary>
        internal long Crossings { get; private set; }

        internal void Add(scoped in MergedBatch batch)
        {
            foreach (MergedRecord merged in batch)
            {
                Records++;
                Noticed += merged.Record.LostCount;
                if (merged.IsLate)
                {
                    Late++;
                    Assert.True(merged.Time < _last, "a record is marked late that was not");
                }
                else
                {
                    Assert.True(merged.Time >= _last, $"{merged.Time} of CPU {merged.Record.Cpu} came after {_last}");
                    _last = merged.Time;
                }

                if (merged.Record.Cpu != _lastCpu)
                    Crossings++;

                _lastCpu = merged.Record.Cpu;
                if (merged.Record.Kind != RecordKind.Sample)
                    continue;

                Samples++;
                BySource[merged.Record.SourceIndex]++;
            }
        }
    }
}
