using PerfRing.KernelTests.Readers;
using PerfRing.Testing;
using static PerfRing.KernelTests.Hotplug.Outages;

namespace PerfRing.KernelTests.Hotplug;

/// <summary>Events that are opened anew are what the old ones were.</summary>
[Collection(Machine.Name)]
public sealed class RevivalTests
{
    [KernelFact(Needs.Tracepoints | Needs.Hotplug)]
    public void Several_sources_come_back_with_their_filters_and_are_told_apart()
    {
        using CpuSwitch cpu = new();

        // A condition that holds for every switch, and one that never does.
        PerfEventSource[] sources =
        [
            PerfEventSource.Tracepoint(SwitchName, "prev_pid >= 0"),
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
        using BpfOutput bpf = new(new PerfEventReaderOptions { Fields = SampleFields.Raw | SampleFields.Time });
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
            using BpfOutput bpf = new(new PerfEventReaderOptions { Fields = SampleFields.Raw, PauseMethod = method });
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
            PerfEventSource.Tracepoint(SwitchName), new PerfEventReaderOptions { StartDisabled = true, Cpus = CpuSet.Of(cpu.Cpu) });
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
                [PerfEventSource.Tracepoint(SwitchName), PerfEventSource.Tracepoint("raw_syscalls:sys_enter")], options);
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
}
