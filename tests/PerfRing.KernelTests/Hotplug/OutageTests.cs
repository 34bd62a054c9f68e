using PerfRing.Testing;
using Xunit.Abstractions;

namespace PerfRing.KernelTests.Hotplug;

/// <summary>CPUs that go offline and come back under a reader.</summary>
[Collection(Machine.Name)]
public sealed class OutageTests(ITestOutputHelper output)
{
    private const string Switch = "sched:sched_switch";
    private const int Rounds = 25;

    /// <summary>How soon the watch sees to a CPU: a second for one that was away for a moment, and twenty times that on a busy
    /// machine.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void A_reader_that_waits_without_a_bound_survives_every_outage_and_tells_of_it()
    {
        using CpuSwitch cpu = new();
        PerfEventReader reader = Open(PerfEventSource.Tracepoint(Switch));
        ProcessResources before = default;
        int threads = 0;
        List<(int Ring, bool IsBack)> changes = [];
        reader.CpuChanged = (ring, isBack) => changes.Add((ring, isBack));
        using (CpuLoad load = new(cpu.Cpu))
        using (ReadingOn reading = new(reader, cpu.Cpu))
        {
            for (int round = 1; round <= Rounds; round++)
            {
                ReceiveMore(reading);
                Off(cpu, reader, reading, round);
                cpu.On();
                ulong on = (ulong)System.Diagnostics.Stopwatch.GetTimestamp();
                IsBack(reader, cpu.Cpu, round);
                ReceiveMore(reading);
                CpuOutage outage = LossesOf(reader, cpu.Cpu).Outages[^1];
                output.WriteLine(
                    $"away {(outage.End - outage.Begin) / 1_000} us, {((long)outage.End!.Value - (long)on) / 1_000} us after its return");

                // The first outage costs one descriptor for good: that of the event through which the ring is mapped.
                if (round == 1)
                    (before, threads) = (ProcessResources.Now(), Threads());
            }

            Assert.Equal(before.PerfEventDescriptors, ProcessResources.Now().PerfEventDescriptors);
            Assert.Equal(before.PerfEventMappings, ProcessResources.Now().PerfEventMappings);
            Assert.InRange(Threads(), 1, threads + 2);

            reader.Disable();
            reading.Finish();
            AddsUp(reader, reading, cpu.Cpu, sources: 1);
            CpuLosses losses = LossesOf(reader, cpu.Cpu);
            Assert.Equal(Rounds, losses.OutageCount);
            Assert.Equal(losses.Outages, reading.Outages);
            AreInOrder(losses.Outages);
            Assert.False(losses.IsExact);
            Assert.Equal(2 * Rounds, changes.Count);
            Assert.All(changes, (change, i) => Assert.Equal((RingOf(reader, cpu.Cpu), i % 2 == 1), change));
            Assert.Equal(0, reader.ReadLosses().Cpus.Where(ring => ring.Cpu != cpu.Cpu).Sum(ring => ring.OutageCount));
        }

        Assert.Equal(0, ProcessResources.Now().PerfEventDescriptors);
    }

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void A_cpu_that_was_away_for_a_moment_only_is_noticed_by_its_clock()
    {
        using CpuSwitch cpu = new();

        // A list that never lacks it: nothing but the event's own time can tell.
        CpuTopology everyCpu = new(CpuTopology.FromSystem().Possible, CpuTopology.FromSystem().Online);
        PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Tracepoint(Switch), new PerfEventReaderOptions { Topology = everyCpu });
        using CpuLoad load = new(cpu.Cpu);
        using ReadingOn reading = new(reader, cpu.Cpu);
        for (int round = 1; round <= 4; round++)
        {
            ReceiveMore(reading);
            cpu.Off();
            cpu.On();
            IsBack(reader, cpu.Cpu, round);
            ReceiveMore(reading);
        }

        reader.Disable();
        reading.Finish();
        AddsUp(reader, reading, cpu.Cpu, sources: 1);
        AreInOrder(LossesOf(reader, cpu.Cpu).Outages);
    }

    [KernelTheory(Needs.Tracepoints | Needs.Hotplug)]
    [InlineData(EventClock.Realtime)]
    [InlineData(EventClock.MonotonicRaw)]
    [InlineData(EventClock.Boottime)]
    [InlineData(EventClock.Tai)]
    public void An_outage_is_told_in_the_readers_clock(EventClock clock)
    {
        using CpuSwitch cpu = new();

        // Tracepoints refuse clocks that can't be read in an NMI.
        PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.ContextSwitches), new PerfEventReaderOptions { Clock = clock });
        using CpuLoad load = new(cpu.Cpu);
        using ReadingOn reading = new(reader, cpu.Cpu);
        ReceiveMore(reading);
        Off(cpu, reader, reading, 1);
        cpu.On();
        IsBack(reader, cpu.Cpu, 1);

        // Which compares the stamps of the records before and behind the outage with it.
        ReceiveMore(reading);
        CpuOutage outage = Assert.Single(reading.Outages);
        Assert.InRange(outage.End!.Value - outage.Begin, 1ul, (ulong)Soon.TotalNanoseconds);
    }

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void A_refusal_is_told_and_tried_again()
    {
        using CpuSwitch cpu = new();
        PerfEventReader reader = Open(PerfEventSource.Tracepoint(Switch));
        using CpuLoad load = new(cpu.Cpu);
        using ReadingOn reading = new(reader, cpu.Cpu);
        ReceiveMore(reading);
        Off(cpu, reader, reading, 1);
        SystemCallException? refusal = null;
        using (new DescriptorLimit())
        {
            cpu.On();
            Wait.Until(() => (refusal = LossesOf(reader, cpu.Cpu).Outages[^1].Refusal) is not null, "the refusal", Soon);
        }

        Assert.Equal("EMFILE", refusal!.ErrnoName);
        Assert.Contains("RLIMIT_NOFILE", refusal.Message, StringComparison.Ordinal);
        IsBack(reader, cpu.Cpu, 1);
        ReceiveMore(reading);
        AreInOrder(LossesOf(reader, cpu.Cpu).Outages);
    }

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public async Task Who_awaits_the_reader_hears_of_the_outage()
    {
        using CpuSwitch cpu = new();

        // Nothing is ever written: it is the outage that ends the wait.
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Tracepoint(Switch, "prev_pid == -77"),
            new PerfEventReaderOptions { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        Task<bool> wait = reader.WaitAsync().AsTask();
        cpu.Off();
        Wait.Until(() => reader.IsCpuAway(RingOf(reader, cpu.Cpu)), "the outage to be noticed", Soon);
        Assert.False(wait.IsCompleted);
        cpu.On();
        Assert.True(await wait.WaitAsync(Soon));
        RecordKind kind = default;
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
                kind = record.Kind;
        }

        Assert.Equal(RecordKind.Outage, kind);
    }

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void Several_sources_come_back_with_their_filters_and_are_told_apart()
    {
        using CpuSwitch cpu = new();

        // A condition that holds for every switch, and one that never does.
        PerfEventSource[] sources =
        [
            PerfEventSource.Tracepoint(Switch, "prev_pid >= 0"),
            PerfEventSource.Tracepoint("raw_syscalls:sys_enter"),
            PerfEventSource.Tracepoint("raw_syscalls:sys_exit", "id == -77"),
        ];
        using PerfEventReader reader = PerfEventReader.Open(sources, new PerfEventReaderOptions { Cpus = CpuSet.Of(cpu.Cpu) });
        using CpuLoad load = new(cpu.Cpu);
        for (int round = 1; round <= 2; round++)
        {
            cpu.Off();
            Wait.Until(() => reader.IsCpuAway(0), "the outage to be noticed", Soon);
            cpu.On();
            IsBack(reader, cpu.Cpu, round);
            long[] seen = new long[sources.Length];
            bool isBehindOutage = false;
            Wait.Until(
                () =>
                {
                    using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
                    foreach (Record record in batch)
                    {
                        isBehindOutage |= record.Kind == RecordKind.Outage;
                        if (record.Kind == RecordKind.Sample && isBehindOutage)
                            seen[record.SourceIndex]++;
                    }

                    return seen[0] > 20 && seen[1] > 20;
                },
                "both sources to write again",
                Soon,
                () => string.Join(", ", seen));
            Assert.Equal(0, seen[2]);
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Hotplug)]
    public void What_a_bpf_program_writes_on_the_cpu_arrives_again()
    {
        using CpuSwitch cpu = new();
        using Readers.BpfOutput bpf = new(new PerfEventReaderOptions { Fields = SampleFields.Raw | SampleFields.Time });
        int ring = RingOf(bpf.Reader, cpu.Cpu);
        for (int round = 1; round <= 4; round++)
        {
            bpf.Program.Emit(cpu.Cpu, 8, 10);
            Assert.Equal(10, SamplesOf(bpf.Reader, cpu.Cpu));
            cpu.Off();
            Wait.Until(() => bpf.Reader.IsCpuAway(ring), "the outage to be noticed", Soon);
            cpu.On();
            IsBack(bpf.Reader, cpu.Cpu, round);
        }

        bpf.Program.Emit(cpu.Cpu, 8, 10);
        Assert.Equal(10, SamplesOf(bpf.Reader, cpu.Cpu));
        Assert.Equal(0, bpf.Program.Counts(cpu.Cpu).Refused);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Hotplug)]
    public void A_pause_lasts_through_an_outage()
    {
        using CpuSwitch cpu = new();
        foreach (PauseMethod method in new[] { PauseMethod.Output, PauseMethod.MapSlots })
        {
            using Readers.BpfOutput bpf = new(new PerfEventReaderOptions { Fields = SampleFields.Raw, PauseMethod = method });
            bpf.Reader.Pause();
            cpu.Off();
            Wait.Until(() => bpf.Reader.IsCpuAway(RingOf(bpf.Reader, cpu.Cpu)), "the outage to be noticed", Soon);
            cpu.On();
            IsBack(bpf.Reader, cpu.Cpu, 1);
            bpf.Program.Emit(cpu.Cpu, 8, 5);
            Assert.Equal(0, SamplesOf(bpf.Reader, cpu.Cpu));
            bpf.Reader.Resume();
            bpf.Program.Emit(cpu.Cpu, 8, 7);
            Assert.Equal(7, SamplesOf(bpf.Reader, cpu.Cpu));
        }
    }

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void Events_that_were_disabled_stay_so_and_can_be_enabled_after_an_outage()
    {
        using CpuSwitch cpu = new();
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Tracepoint(Switch), new PerfEventReaderOptions { StartDisabled = true, Cpus = CpuSet.Of(cpu.Cpu) });
        using CpuLoad load = new(cpu.Cpu);
        cpu.Off();
        Wait.Until(() => reader.IsCpuAway(0), "the outage to be noticed", Soon);
        cpu.On();
        IsBack(reader, cpu.Cpu, 1);
        Assert.Equal(0ul, reader.ReadCounts().Single().Value);
        reader.Enable();
        Wait.Until(() => SamplesOf(reader, cpu.Cpu) > 0, "records after Enable", Soon);

        // Off and on while they are disabled, too quickly to be seen: found when they are enabled.
        reader.Disable();
        cpu.Off();
        cpu.On();
        reader.Enable();
        IsBack(reader, cpu.Cpu, 2);
        _ = SamplesOf(reader, cpu.Cpu);
        Wait.Until(() => SamplesOf(reader, cpu.Cpu) > 0, "records after the second Enable", Soon);
    }

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void A_cpu_that_is_offline_when_the_reader_opens_is_read_once_it_comes()
    {
        using CpuSwitch cpu = new();
        cpu.Off();
        ProcessResources before = ProcessResources.Now();

        // A list that is not up to date: the kernel says ENODEV, whatever it names.
        CpuTopology stale = new(CpuSet.Parse("0-5"), CpuSet.Of(0, cpu.Cpu));
        foreach (PerfEventReaderOptions options in new PerfEventReaderOptions[]
        {
            new() { Cpus = CpuSet.Of(0, cpu.Cpu) },
            new() { Topology = stale },
        })
        {
            cpu.Off();
            PerfEventReader reader = PerfEventReader.Open(
                [PerfEventSource.Tracepoint(Switch), PerfEventSource.Tracepoint("raw_syscalls:sys_enter")], options);
            Assert.Equal("0," + cpu.Cpu, reader.Cpus.ToString().Replace('-', ','));
            Assert.True(reader.IsCpuAway(RingOf(reader, cpu.Cpu)));
            using CpuLoad load = new(cpu.Cpu);
            using (ReadingOn reading = new(reader, cpu.Cpu))
            {
                cpu.On();
                IsBack(reader, cpu.Cpu, 1);
                ReceiveMore(reading);
                cpu.Off();
                Wait.Until(() => reader.IsCpuAway(RingOf(reader, cpu.Cpu)), "the second outage to be noticed", Soon);
                cpu.On();
                IsBack(reader, cpu.Cpu, 2);
                ReceiveMore(reading);
                reader.Disable();
                reading.Finish();
                AddsUp(reader, reading, cpu.Cpu, sources: 2);
            }
        }

        Assert.Equal(before.PerfEventDescriptors, ProcessResources.Now().PerfEventDescriptors);
    }

    [KernelFact(Needs.PerfEvents | Needs.Hotplug)]
    public void A_reader_of_a_process_keeps_its_events_through_an_outage()
    {
        using CpuSwitch cpu = new();
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.ContextSwitches),
            new PerfEventReaderOptions { ProcessId = Environment.ProcessId, Fields = SampleFields.Time });
        cpu.Off();
        cpu.On();
        _ = SamplesOf(reader, cpu.Cpu);

        // Threads that are started now inherit the event of their parent.
        using CpuLoad load = new(cpu.Cpu);
        Wait.Until(() => SamplesOf(reader, cpu.Cpu) > 20, "records of the process on that CPU", Soon);
        Assert.Equal(0, LossesOf(reader, cpu.Cpu).OutageCount);
    }

    [KernelFact(Needs.PerfEvents | Needs.Hotplug)]
    public void A_recording_goes_on_after_an_outage()
    {
        using CpuSwitch cpu = new();
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.ContextSwitches),
            new PerfEventReaderOptions { BufferMode = BufferMode.OverwriteNewestFirst, Cpus = CpuSet.Of(cpu.Cpu) });
        using CpuLoad load = new(cpu.Cpu);
        cpu.Off();
        Wait.Until(() => reader.IsCpuAway(0), "the outage to be noticed", Soon);
        cpu.On();
        IsBack(reader, cpu.Cpu, 1);
        ulong end = LossesOf(reader, cpu.Cpu).Outages[0].End!.Value;
        Wait.Until(
            () =>
            {
                reader.Pause();
                bool isNew = false;
                using (RecordBatch batch = reader.Read(TimeSpan.Zero))
                {
                    foreach (Record record in batch)
                        isNew |= record.Kind == RecordKind.Sample && record.Time > end;
                }

                reader.Resume();
                return isNew;
            },
            "records from after the outage",
            Soon);
    }

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void Disposing_at_any_moment_of_an_outage_leaves_nothing_open()
    {
        using CpuSwitch cpu = new();
        using CpuLoad load = new(cpu.Cpu);
        for (int round = 0; round < 20; round++)
        {
            PerfEventReader reader = Open(PerfEventSource.Tracepoint(Switch));
            ReadingOn reading = new(reader, cpu.Cpu);
            ReceiveMore(reading);
            cpu.Off();
            if (round % 2 == 0)
                Wait.Until(() => reader.IsCpuAway(RingOf(reader, cpu.Cpu)), "the outage to be noticed", Soon);

            // On its way back, at a moment that moves through the one at which the watch opens the events.
            using Barrier start = new(2);
            Thread dispose = new(() =>
            {
                start.SignalAndWait();
                SpinFor(TimeSpan.FromMilliseconds(4 * round));
                reader.Dispose();
            });
            dispose.Start();
            start.SignalAndWait();
            cpu.On();
            Assert.True(dispose.Join(TimeSpan.FromSeconds(30)), "Dispose hangs");
            reading.Dispose();
            reading.ThrowIfFailed();
            Wait.Until(
                () => ProcessResources.Now() is { PerfEventDescriptors: 0, PerfEventMappings: 0 },
                "everything to be closed",
                seen: () => ProcessResources.Now().ToString());
        }
    }

    private static PerfEventReader Open(PerfEventSource source) =>
        PerfEventReader.Open(source, new PerfEventReaderOptions { StartDisabled = false, BufferSize = 1 << 20 });

    private static void Off(CpuSwitch cpu, PerfEventReader reader, ReadingOn reading, int round)
    {
        cpu.Off();
        Wait.Until(() => reader.IsCpuAway(RingOf(reader, cpu.Cpu)), "the outage to be noticed", Soon);
        CpuLosses losses = LossesOf(reader, cpu.Cpu);
        Assert.Equal(round, losses.OutageCount);
        Assert.Null(losses.Outages[^1].End);
        reading.ThrowIfFailed();
    }

    private static void IsBack(PerfEventReader reader, int cpu, int outages) => Wait.Until(
        () => !reader.IsCpuAway(RingOf(reader, cpu)) && LossesOf(reader, cpu).OutageCount == outages,
        $"outage {outages} to be over",
        Soon,
        () => string.Join(", ", LossesOf(reader, cpu).Outages));

    private static void ReceiveMore(ReadingOn reading)
    {
        long before = reading.Samples;
        Wait.Until(
            () =>
            {
                reading.ThrowIfFailed();
                return reading.Samples > before + 20;
            },
            "records of the CPU",
            Soon);
    }

    /// <summary>What was delivered and what was lost is what the kernel counted, over all events of the CPU.</summary>
    private static void AddsUp(PerfEventReader reader, ReadingOn reading, int cpu, int sources)
    {
        PerfEventCount[] counts = [.. reader.ReadCounts().Where(count => count.Cpu == cpu)];
        Assert.Equal(sources, counts.Length);
        Assert.Equal(
            counts.Aggregate(0ul, (sum, count) => sum + count.Value),
            (ulong)reading.Samples + LossesOf(reader, cpu).Lost!.Value);
        Assert.Equal(LossesOf(reader, cpu).Lost, counts.Aggregate(0ul, (sum, count) => sum + count.Lost!.Value));
    }

    private static void AreInOrder(IReadOnlyList<CpuOutage> outages)
    {
        ulong last = 0;
        foreach (CpuOutage outage in outages)
        {
            Assert.True(last < outage.Begin && outage.Begin < outage.End, string.Join(", ", outages));
            Assert.Null(outage.Refusal);
            last = outage.End.Value;
        }
    }

    private static CpuLosses LossesOf(PerfEventReader reader, int cpu) => reader.ReadLosses().Cpus.Single(ring => ring.Cpu == cpu);

    private static int RingOf(PerfEventReader reader, int cpu) => reader.Cpus.TakeWhile(other => other != cpu).Count();

    private static int Threads() => Directory.GetDirectories("/proc/self/task").Length;

    private static long SamplesOf(PerfEventReader reader, int cpu)
    {
        long samples = 0;
        using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
        foreach (Record record in batch)
            samples += record.Kind == RecordKind.Sample && record.Cpu == cpu ? 1 : 0;

        return samples;
    }

    private static void SpinFor(TimeSpan time)
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(started) < time)
            Thread.SpinWait(10);
    }
}
