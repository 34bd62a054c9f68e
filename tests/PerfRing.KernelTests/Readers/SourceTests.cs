using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

[Collection(Machine.Name)]
public sealed class SourceTests
{
    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_map_is_reached_by_descriptor_by_id_and_by_pinned_path()
    {
        using BpfFs files = new();
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using PerfOutputProgram program = new(map);
        string path = files.PathOf("events");
        map.Pin(path);

        Func<BpfMap>[] ways = [() => BpfMap.FromDescriptor(map.Descriptor), () => BpfMap.OpenById(map.Id), () => BpfMap.OpenPinned(path)];
        foreach (Func<BpfMap> open in ways)
        {
            PerfEventReader reader;
            using (BpfMap opened = open())
            {
                Assert.Equal(map.Id, opened.Id);
                reader = PerfEventReader.Open(PerfEventSource.BpfOutput(opened));
            }

            // The map object is closed by now: the reader has a descriptor of its own, or the slots would be empty.
            using (reader)
            {
                program.Emit(0, 16);
                Assert.Equal(1, Count(reader));
            }

            // And with the reader gone, so are its events: -ENOENT, an empty slot, not -ENOSPC, an event without a ring.
            program.Emit(0, 16);
            Assert.Equal(2, program.Counts(0).LastError);
        }
    }

    [KernelFact(Needs.Bpf)]
    public void A_map_of_another_type_is_refused()
    {
        using BpfTestMap array = BpfTestMap.Array(8, 1);
        using BpfMap map = BpfMap.FromDescriptor(array.Descriptor);
        ArgumentException e = Assert.Throws<ArgumentException>(() => PerfEventSource.BpfOutput(map));
        Assert.Contains("BPF_MAP_TYPE_PERF_EVENT_ARRAY", e.Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Bpf)]
    public void Maps_that_are_not_there_are_named_in_the_error()
    {
        SystemCallException byId = Assert.Throws<SystemCallException>(() => BpfMap.OpenById(uint.MaxValue - 1));
        Assert.Equal(("bpf(BPF_MAP_GET_FD_BY_ID)", "ENOENT"), (byId.Call, byId.ErrnoName));
        SystemCallException byPath = Assert.Throws<SystemCallException>(() => BpfMap.OpenPinned("/sys/fs/bpf/no-such-map"));
        Assert.Equal("bpf(BPF_OBJ_GET)", byPath.Call);
        Assert.Contains("/sys/fs/bpf/no-such-map", byPath.Message, StringComparison.Ordinal);
        SystemCallException closed = Assert.Throws<SystemCallException>(() => BpfMap.FromDescriptor(1_000_000));
        Assert.Equal("EBADF", closed.ErrnoName);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.TwoCpus)]
    public void A_map_with_too_few_slots_is_refused_and_nothing_stays_open()
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray(1);
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        ProcessResources before = ProcessResources.Now();
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(
            () => PerfEventReader.Open(PerfEventSource.BpfOutput(opened)));
        Assert.Contains("1 slots", e.Message, StringComparison.Ordinal);
        ProcessResources after = ProcessResources.Now();
        Assert.Equal((before.PerfEventDescriptors, before.PerfEventMappings), (after.PerfEventDescriptors, after.PerfEventMappings));
    }

    [KernelFact(Needs.PerfEvents)]
    public void Context_switches_of_the_own_process_carry_its_id_and_only_that()
    {
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.ContextSwitches),
            new PerfEventReaderOptions { ProcessId = Environment.ProcessId, Fields = SampleFields.ThreadId | SampleFields.Time });
        using IDisposable switching = Switching.OnEveryCpu();
        int seen = 0;
        Wait.Until(
            () =>
            {
                using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
                foreach (Record record in batch)
                {
                    if (record.Kind == RecordKind.Sample)
                    {
                        Assert.Equal(Environment.ProcessId, record.ProcessId);
                        seen++;
                    }
                }

                return seen > 100;
            },
            "100 switches of this process");
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_watched_process_that_ends_completes_the_reader_after_its_records()
    {
        using Process child = Process.Start(new ProcessStartInfo("sh", ["-c", "read line; sleep 0.05; read line; true"]) { RedirectStandardInput = true })!;
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.ContextSwitches),
            new PerfEventReaderOptions { ProcessId = child.Id, Fields = SampleFields.ThreadId });
        child.StandardInput.WriteLine();
        child.StandardInput.WriteLine();
        int seen = 0;
        while (true)
        {
            using RecordBatch batch = reader.Read(TimeSpan.FromSeconds(10));
            Assert.NotEqual(ReadStatus.TimedOut, batch.Status);
            if (batch.Status == ReadStatus.Completed)
                break;

            foreach (Record record in batch)
                seen += record.Kind == RecordKind.Sample ? 1 : 0;
        }

        Assert.NotEqual(0, seen);
        child.WaitForExit();
    }

    [KernelFact(Needs.PerfEvents | Needs.TwoCpus)]
    public void Only_the_chosen_cpus_are_read()
    {
        int cpu = MachineCpus.Online()[1];
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Sampling(SampleRate.PerSecond(500)),
            new PerfEventReaderOptions { Cpus = CpuSet.Of(cpu), Fields = SampleFields.Cpu | SampleFields.InstructionPointer });
        Assert.Equal(CpuSet.Of(cpu), reader.Cpus);
        using IDisposable switching = Switching.OnEveryCpu();
        int seen = 0;
        Wait.Until(
            () =>
            {
                using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
                foreach (Record record in batch)
                {
                    Assert.Equal(cpu, record.Cpu);
                    if (record.Kind == RecordKind.Sample)
                        seen++;
                }

                return seen > 10;
            },
            "10 samples of one CPU");
    }

    [KernelFact(Needs.PerfEvents)]
    public void Call_chains_come_with_the_interrupted_instruction_first()
    {
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Sampling(SampleRate.PerSecond(500)),
            new PerfEventReaderOptions
            {
                Fields = SampleFields.InstructionPointer | SampleFields.CallChain | SampleFields.Period,
                MaximumStackDepth = 8,
            });
        using IDisposable switching = Switching.OnEveryCpu();
        int seen = 0;
        Wait.Until(
            () =>
            {
                using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
                foreach (Record record in batch)
                {
                    if (record.Kind != RecordKind.Sample || record.CallChain.Length < 2)
                        continue;

                    // A marker (kernel or user) comes first, then the instruction itself; markers do not count as depth.
                    Assert.True(record.CallChain[0] > ulong.MaxValue - 4096);
                    Assert.Equal(record.InstructionPointer, record.CallChain[1]);
                    Assert.InRange(record.CallChain.Length, 2, 8 + 3);
                    Assert.NotEqual(0ul, record.Period);
                    seen++;
                }

                return seen > 10;
            },
            "10 samples with callers");
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(EventClock.Monotonic)]
    [InlineData(EventClock.MonotonicRaw)]
    [InlineData(EventClock.Boottime)]
    [InlineData(EventClock.Realtime)]
    [InlineData(EventClock.Tai)]
    public void Every_clock_is_accepted_and_the_default_is_that_of_the_stopwatch(EventClock clock)
    {
        using BpfOutput output = new(new PerfEventReaderOptions { Clock = clock });
        long before = Stopwatch.GetTimestamp();
        output.Program.Emit(0, 8, 2);
        long after = Stopwatch.GetTimestamp();

        List<ulong> times = [];
        using RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            times.Add(record.Time);

        Assert.Equal(2, times.Count);
        Assert.True(times[0] <= times[1]);
        if (clock == EventClock.Monotonic)
            Assert.InRange((long)times[0], before, after);
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_cpu_that_does_not_exist_is_refused_by_name()
    {
        SystemCallException e = Assert.Throws<SystemCallException>(() => PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.Dummy), new PerfEventReaderOptions { Cpus = CpuSet.Of(4_000) }));
        Assert.Equal(("perf_event_open", "EINVAL"), (e.Call, e.ErrnoName));
        Assert.Contains("4000", e.Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_process_that_does_not_exist_is_refused_by_number()
    {
        SystemCallException e = Assert.Throws<SystemCallException>(() => PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.Dummy), new PerfEventReaderOptions { ProcessId = int.MaxValue }));
        Assert.Equal("ESRCH", e.ErrnoName);
        Assert.Contains("2147483647", e.Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_hardware_event_opens_or_says_that_the_machine_has_none()
    {
        try
        {
            using PerfEventReader reader = PerfEventReader.Open(
                PerfEventSource.Hardware(HardwareEvent.CpuCycles, SampleRate.PerSecond(100)));
        }
        catch (SystemCallException e)
        {
            Assert.Equal("ENOENT", e.ErrnoName);
            Assert.Contains("no cpu-cycles", e.Message, StringComparison.Ordinal);
        }
    }

    private static int Count(PerfEventReader reader)
    {
        int count = 0;
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record _ in batch)
            count++;

        return count;
    }
}
