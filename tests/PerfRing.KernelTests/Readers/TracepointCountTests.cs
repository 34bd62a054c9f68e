using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

[Collection(Machine.Name)]
public sealed class TracepointCountTests
{
    private const string Switch = "sched:sched_switch";

    [KernelTheory(Needs.Tracepoints)]
    [InlineData(1 << 20)]
    [InlineData(4096)]
    public void Delivered_and_lost_add_up_to_the_kernels_own_count_on_every_cpu(int bufferSize)
    {
        using PerfEventReader reader = PerfEventReader.Open(PerfEventSource.Tracepoint(Switch), new PerfEventReaderOptions
        {
            BufferSize = bufferSize,
            StartDisabled = true,
        });
        Dictionary<int, long> delivered = reader.Cpus.ToDictionary(cpu => cpu, _ => 0L);

        reader.Enable();
        using (Switching.OnEveryCpu())
        {
            // Slow on purpose with the small ring, so that it overflows.
            long bound = Environment.TickCount64 + 10_000;
            while (delivered.Values.Any(count => count < 500) && Environment.TickCount64 < bound)
            {
                using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
                Count(batch, delivered);
                if (bufferSize == 4096)
                    Thread.SpinWait(20_000);
            }
        }

        reader.Disable();
        IReadOnlyList<PerfEventCount> counts = reader.ReadCounts();
        using (RecordBatch rest = reader.Read(TimeSpan.Zero))
            Count(rest, delivered);

        Assert.Equal(reader.Cpus.Count, counts.Count);
        foreach (PerfEventCount count in counts)
        {
            Assert.True(delivered[count.Cpu] > 0, $"nothing was delivered from CPU {count.Cpu}");
            Assert.Equal(count.Value, (ulong)delivered[count.Cpu] + count.Lost!.Value);
        }

        if (bufferSize != 4096)
            Assert.Equal(0ul, reader.ReadLosses().Lost);
    }

    [KernelFact(Needs.Tracepoints)]
    public void Two_tracepoints_share_the_rings_and_are_told_apart_by_id()
    {
        // Both add up exactly. Not every tracepoint does: sched_wakeup out of an idle CPU is counted and not sampled.
        PerfEventSource[] sources = [PerfEventSource.Tracepoint(Switch), PerfEventSource.Tracepoint("raw_syscalls:sys_enter")];
        using PerfEventReader reader = PerfEventReader.Open(sources, new PerfEventReaderOptions { StartDisabled = true });
        long[] delivered = new long[2];

        reader.Enable();
        using (Switching.OnEveryCpu())
        {
            Wait.Until(
                () =>
                {
                    using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
                    CountBySource(batch, sources, delivered);
                    return delivered.All(count => count > 200);
                },
                "200 switches and 200 system calls");
        }

        reader.Disable();
        using (RecordBatch rest = reader.Read(TimeSpan.Zero))
            CountBySource(rest, sources, delivered);

        for (int source = 0; source < 2; source++)
        {
            ulong expected = 0;
            foreach (PerfEventCount count in reader.ReadCounts().Where(c => c.SourceIndex == source))
                expected += count.Value - count.Lost!.Value;

            Assert.Equal(expected, (ulong)delivered[source]);
        }
    }

    [KernelFact(Needs.Tracepoints)]
    public void A_filter_of_the_kernels_keeps_records_out_of_the_ring()
    {
        using Switching switching = Switching.OnEveryCpu();
        int thread = switching.ThreadIds[0];
        PerfEventSource source = PerfEventSource.Tracepoint(Switch, $"prev_pid == {thread}");
        TracepointField previous = source.Format!.FindField("prev_pid")!;
        using PerfEventReader reader = PerfEventReader.Open(source);
        int seen = 0;
        Wait.Until(
            () =>
            {
                using RecordBatch batch = reader.Read(TimeSpan.FromMilliseconds(20));
                foreach (Record record in batch)
                {
                    if (record.Kind == RecordKind.Sample)
                    {
                        Assert.True(previous.TryReadInt64(record.Payload, out long pid));
                        Assert.Equal(thread, pid);
                        seen++;
                    }
                }

                return seen > 20;
            },
            "20 switches out of one thread");
    }

    [KernelFact(Needs.Tracepoints)]
    public void A_filter_that_the_kernel_does_not_understand_is_refused_by_name()
    {
        PerfEventSource source = PerfEventSource.Tracepoint(Switch, "no_such_field == 0");
        ProcessResources before = ProcessResources.Now();
        SystemCallException e = Assert.Throws<SystemCallException>(() => PerfEventReader.Open(source));
        Assert.Equal("EINVAL", e.ErrnoName);
        Assert.Contains("no_such_field", e.Message, StringComparison.Ordinal);
        Assert.Equal(before.PerfEventDescriptors, ProcessResources.Now().PerfEventDescriptors);
    }

    private static void Count(RecordBatch batch, Dictionary<int, long> delivered)
    {
        foreach (Record record in batch)
        {
            if (record.Kind == RecordKind.Sample)
                delivered[record.Cpu]++;
        }
    }

    private static void CountBySource(RecordBatch batch, PerfEventSource[] sources, long[] delivered)
    {
        foreach (Record record in batch)
        {
            if (record.Kind != RecordKind.Sample)
                continue;

            // common_type, the first field of every tracepoint, is the event's own word on what it is.
            TracepointField type = sources[record.SourceIndex].Format!.FindField("common_type")!;
            Assert.True(type.TryReadInt64(record.Payload, out long id));
            Assert.Equal(sources[record.SourceIndex].Format!.Id, id);
            delivered[record.SourceIndex]++;
        }
    }
}
