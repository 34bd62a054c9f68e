using System.Diagnostics;
using PerfRing.Testing;
using Xunit.Abstractions;
using static PerfRing.KernelTests.Hotplug.Outages;

namespace PerfRing.KernelTests.Hotplug;

/// <summary>CPUs that go offline and come back under a reader: it goes on, and tells.</summary>
[Collection(Machine.Name)]
public sealed class OutageTests(ITestOutputHelper output)
{
    private const int Rounds = 25;

    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void A_reader_that_waits_without_a_bound_survives_every_outage_and_tells_of_it()
    {
        using CpuSwitch cpu = new();
        PerfEventReader reader = Open(PerfEventSource.Tracepoint(SwitchName));
        ProcessResources before = default;
        int threads = 0;
        List<(int Ring, bool IsBack)> changes = [];
        reader.WhenCpuChanges = (ring, isBack) => changes.Add((ring, isBack));
        using (CpuLoad load = new(cpu.Cpu))
        using (ReadingOn reading = new(reader, cpu.Cpu))
        {
            for (int round = 1; round <= Rounds; round++)
            {
                ReceiveMore(reading);
                Off(cpu, reader, reading, round);
                cpu.On();
                ulong on = (ulong)Stopwatch.GetTimestamp();
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
            PerfEventSource.Tracepoint(SwitchName), new PerfEventReaderOptions { Topology = everyCpu });
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
        PerfEventReader reader = Open(PerfEventSource.Tracepoint(SwitchName));
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
            PerfEventSource.Tracepoint(SwitchName, "prev_pid == -77"),
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
    public void Disposing_at_any_moment_of_an_outage_leaves_nothing_open()
    {
        using CpuSwitch cpu = new();
        using CpuLoad load = new(cpu.Cpu);
        for (int round = 0; round < 20; round++)
        {
            PerfEventReader reader = Open(PerfEventSource.Tracepoint(SwitchName));
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
}
