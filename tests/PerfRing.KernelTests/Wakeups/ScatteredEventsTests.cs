using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Wakeups;

/// <summary>The scenario that started the project: thresholds count per ring, and there is one ring a CPU. docs/wakeups.md
/// tells it with a drawing.</summary>
[Collection(Machine.Name)]
public sealed class ScatteredEventsTests
{
    private const int BufferSize = 64 * 1024;

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.TwoCpus)]
    public void Two_events_on_two_cpus_wake_nobody_who_waits_for_two_without_a_longest_delay()
    {
        int[] cpus = MachineCpus.Online();
        using BpfOutput output = new(Options(Wakeup.AfterEvents(2).Within(Timeout.InfiniteTimeSpan)));
        using Waiting waiting = new(output.Reader);
        output.Program.Emit(cpus[0], 8);
        output.Program.Emit(cpus[1], 8);

        // The kernel's bare behaviour, asked for: both records are there, and nobody says so.
        Assert.True(waiting.StaysAsleepFor(TimeSpan.FromMilliseconds(300)));
        Assert.Equal(2 * 24, output.Reader.AvailableBytes);

        // They are not lost. Somebody only has to look.
        output.Reader.Flush();
        Assert.Equal((ReadStatus.Records, 2), waiting.Result());
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.TwoCpus)]
    public void Under_the_affinity_scope_both_events_fall_on_one_cpu_and_wake()
    {
        CpuSet before = CpuAffinity.Current;
        using BpfOutput output = new(Options(Wakeup.AfterEvents(2).Within(Timeout.InfiniteTimeSpan)));
        using Waiting waiting = new(output.Reader);
        using (CpuAffinity.Pin(MachineCpus.Online()[1]))
        {
            for (int i = 0; i < 2; i++)
                output.Program.Emit(Thread.GetCurrentProcessorId(), 8);
        }

        Assert.Equal((ReadStatus.Records, 2), waiting.Result());
        Assert.Equal(1, output.Reader.Wakeups);
        Assert.Equal(before, CpuAffinity.Current);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.TwoCpus)]
    public void With_a_longest_delay_scattered_events_arrive_whatever_the_threshold_two_thousand_times()
    {
        const int rounds = 2_000;
        int[] cpus = MachineCpus.Online();
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        using PerfOutputProgram program = new(map);
        PerfEventSource source = PerfEventSource.BpfOutput(opened);
        PerfEventReader? reader = null;
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                // Every threshold from 1 to 1,000, each for two rounds, in an order that is not the order of size.
                int threshold = 1 + (round / 2 * 7 % 1_000);
                if (round % 2 == 0)
                {
                    reader?.Dispose();
                    reader = PerfEventReader.Open(source, Options(Wakeup.AfterEvents(threshold).Within(TimeSpan.FromMilliseconds(5))));
                }

                program.Emit(cpus[round % cpus.Length], 8);
                Assert.Equal(1, Receive(reader!, 1, threshold));
                program.Emit(cpus[round % cpus.Length], 8);
                program.Emit(cpus[(round + 1) % cpus.Length], 8);
                Assert.Equal(2, Receive(reader!, 2, threshold));
            }
        }
        finally
        {
            reader?.Dispose();
        }
    }

    private static int Receive(PerfEventReader reader, int wanted, int threshold)
    {
        int records = 0;
        while (records < wanted)
        {
            // The bound is for the report only: without the longest delay this would be a hang.
            using RecordBatch batch = reader.Read(TimeSpan.FromSeconds(10));
            Assert.True(batch.Status == ReadStatus.Records, $"{batch.Status} with threshold {threshold}");
            foreach (Record _ in batch)
                records++;
        }

        return records;
    }

    private static PerfEventReaderOptions Options(Wakeup wakeup) => new()
    {
        BufferSize = BufferSize,
        Fields = SampleFields.Raw,
        Wakeup = wakeup,
    };
}
