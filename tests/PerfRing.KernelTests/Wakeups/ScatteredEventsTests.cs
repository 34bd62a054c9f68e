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
        for (int round = 0; round < rounds / 2; round++)
        {
            // Every threshold from 1 to 1,000, in an order that is not the order of size. The reader is asleep each time that
            // something happens: what is there before it looks would be found by the look.
            int threshold = 1 + (round * 7 % 1_000);
            using CountingReader reader = new(PerfEventReader.Open(
                source, Options(Wakeup.AfterEvents(threshold).Within(TimeSpan.FromMilliseconds(5)))));
            int[] order = round % 2 == 0 ? cpus : [.. cpus.Reverse()];
            string what = $"records below a threshold of {threshold}";
            reader.Receive(order.Length, () => Scatter(program, order), what);
            reader.Receive(order.Length, () => Scatter(program, order), what);
        }
    }

    private static void Scatter(PerfOutputProgram program, int[] cpus)
    {
        foreach (int cpu in cpus)
            program.Emit(cpu, 8);
    }

    private static PerfEventReaderOptions Options(Wakeup wakeup) => new()
    {
        BufferSize = BufferSize,
        Fields = SampleFields.Raw,
        Wakeup = wakeup,
    };
}
