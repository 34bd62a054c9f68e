using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Consumers;

/// <summary>Where the threads of a consumer run, and as what.</summary>
[Collection(Machine.Name)]
public sealed class PinnedThreadTests
{
    private static readonly PerfEventReaderOptions Immediate = BpfOutput.OnePage with { Wakeup = Wakeup.Immediate };

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task Each_ring_is_read_on_its_own_cpu_by_a_thread_that_says_so()
    {
        using BpfOutput output = new(Immediate);
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(output.Reader, arrivals.For);
        EmitOnEach(output, arrivals);
        foreach (int cpu in MachineCpus.Online())
        {
            ConsumingThread thread = arrivals.Threads[cpu];
            Assert.Equal((CpuSet.Of(cpu), $"perfring/{cpu}", 0), (thread.Cpus, thread.Name, thread.Policy));
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task All_may_run_on_a_housekeeping_cpu()
    {
        CpuSet housekeeping = CpuSet.Of(MachineCpus.Online()[0]);
        using BpfOutput output = new(Immediate);
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            output.Reader, arrivals.For, new PerCoreConsumerOptions { Placement = ThreadPlacement.On(housekeeping) });
        EmitOnEach(output, arrivals);
        Assert.All(arrivals.Threads.Values, thread => Assert.Equal(housekeeping, thread.Cpus));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task Unpinned_they_keep_the_cpus_of_the_process()
    {
        using BpfOutput output = new(Immediate);
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            output.Reader, arrivals.For, new PerCoreConsumerOptions { Placement = ThreadPlacement.Unpinned });
        EmitOnEach(output, arrivals);
        Assert.All(arrivals.Threads.Values, static thread => Assert.Equal(CpuAffinity.Current, thread.Cpus));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Root)]
    public async Task They_may_be_real_time_threads()
    {
        using BpfOutput output = new(Immediate);
        Arrivals arrivals = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            output.Reader, arrivals.For, new PerCoreConsumerOptions { Scheduling = ThreadScheduling.Fifo(7) });
        EmitOnEach(output, arrivals);
        Assert.All(arrivals.Threads.Values, static thread => Assert.Equal((1, 7), (thread.Policy, thread.Priority)));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Root)]
    public async Task Or_threads_with_a_deadline()
    {
        using BpfOutput output = new(Immediate);
        Arrivals arrivals = new();
        TimeSpan period = TimeSpan.FromMilliseconds(10);
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(output.Reader, arrivals.For, new PerCoreConsumerOptions
        {
            Placement = ThreadPlacement.Unpinned,
            Scheduling = ThreadScheduling.Deadline(TimeSpan.FromMilliseconds(1), period, period),
        });
        EmitOnEach(output, arrivals);
        Assert.All(arrivals.Threads.Values, static thread => Assert.Equal(6, thread.Policy));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Root)]
    public void Bandwidth_that_is_not_there_is_refused_with_the_reason_and_the_reader_is_whole()
    {
        using BpfOutput output = new(Immediate);
        TimeSpan period = TimeSpan.FromMilliseconds(10);
        SystemCallException refusal = Assert.Throws<SystemCallException>(() => PerCoreConsumer.Start(
            output.Reader, new Arrivals().For, new PerCoreConsumerOptions
            {
                Placement = ThreadPlacement.Unpinned,
                Scheduling = ThreadScheduling.Deadline(period, period, period),
            }));
        Assert.StartsWith("sched_setattr: EBUSY: ", refusal.Message);
        Assert.Contains("sched_rt_runtime_us", refusal.Message);
        AssertWhole(output);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_cpu_that_is_not_there_is_refused_with_the_reason_and_the_reader_is_whole()
    {
        // A topology that claims otherwise, or the thread would wait for the CPU to come.
        CpuSet beyond = CpuSet.Of(MachineCpus.Possible.Max() + 1);
        using BpfOutput output = new(Immediate);
        SystemCallException refusal = Assert.Throws<SystemCallException>(() => PerCoreConsumer.Start(
            output.Reader, new Arrivals().For, new PerCoreConsumerOptions
            {
                Placement = ThreadPlacement.On(beyond),
                Topology = new CpuTopology(beyond, beyond),
            }));
        Assert.StartsWith("sched_setaffinity: EINVAL: ", refusal.Message);
        Assert.Contains("ThreadPlacement.On", refusal.Message);
        AssertWhole(output);
    }

    [KernelFact(Needs.Cpusets | Needs.TwoCpus)]
    public void A_cpu_outside_of_the_cpuset_is_refused_with_those_that_are_inside()
    {
        int[] cpus = MachineCpus.Online();
        using CpusetGroup group = new(CpuSet.Of(cpus[0]));
        string output = group.Run(
            "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "PerfRing.Testing.Peer.dll"), "consume-on", $"{cpus[1]}");
        Assert.StartsWith("sched_setaffinity: EINVAL: ", output);
        Assert.Contains($"on CPU {cpus[1]}, and this process may use {cpus[0]}: ", output);
        Assert.EndsWith("TimedOut\n", output);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.TwoCpus)]
    public async Task Nothing_that_the_process_starts_inherits_their_cpus()
    {
        CpuSet before = CpuAffinity.Current;
        using (BpfOutput output = new(Immediate))
        {
            Arrivals arrivals = new();
            await using PerCoreConsumer consumer = PerCoreConsumer.Start(output.Reader, arrivals.For);
            for (int i = 0; i < 20; i++)
            {
                EmitOnEach(output, arrivals);
                await consumer.FlushAsync();
            }

            int[] pinned = [.. arrivals.Threads.Values.Select(static thread => thread.Id)];
            foreach (string task in Directory.GetDirectories("/proc/self/task"))
            {
                if (!pinned.Contains(int.Parse(Path.GetFileName(task))) && TryReadCpus(task, out CpuSet cpus))
                    Assert.True(before.Except(cpus).Count == 0, $"{File.ReadAllText($"{task}/comm")} may run on {cpus} only");
            }
        }

        Assert.Equal(before, CpuAffinity.Current);
    }

    private static bool TryReadCpus(string task, out CpuSet cpus)
    {
        cpus = CpuSet.Empty;
        try
        {
            string line = File.ReadLines($"{task}/status").First(static line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
            cpus = CpuSet.Parse(line[(line.IndexOf(':') + 1)..].Trim());
            return true;
        }
        catch (IOException)
        {
            // It has ended.
            return false;
        }
    }

    private static void EmitOnEach(BpfOutput output, Arrivals arrivals)
    {
        long before = arrivals.Records;
        int[] cpus = MachineCpus.Online();
        foreach (int cpu in cpus)
            output.Program.Emit(cpu, 8);

        arrivals.Until(before + cpus.Length, "records");
    }

    private static void AssertWhole(BpfOutput output)
    {
        output.Program.Emit(MachineCpus.Online()[0], 8);
        using RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
        Assert.Equal(ReadStatus.Records, batch.Status);
    }
}
