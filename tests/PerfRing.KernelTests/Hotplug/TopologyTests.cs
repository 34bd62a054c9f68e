using PerfRing.Testing;

namespace PerfRing.KernelTests.Hotplug;

/// <summary>Lists of CPUs that are not the machine's.</summary>
[Collection(Machine.Name)]
public sealed class TopologyTests
{
    private static readonly PerfEventSource Switches = PerfEventSource.Software(SoftwareEvent.ContextSwitches);

    [KernelFact(Needs.PerfEvents)]
    public void A_list_that_lacks_a_cpu_does_not_take_its_events_away()
    {
        ListedCpus topology = new() { Listed = MachineCpus.Online() };
        using PerfEventReader reader = PerfEventReader.Open(Switches, new PerfEventReaderOptions { Topology = topology });
        foreach (bool enabled in new[] { true, false })
        {
            if (!enabled)
                reader.Disable();

            topology.Listed = [];
            int looks = topology.Looks;
            Wait.Until(() => topology.Looks > looks + 4, "the watch to look again and again");
            Assert.Equal(0, reader.ReadLosses().Cpus.Sum(cpu => cpu.OutageCount));
        }
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_cpu_that_the_machine_can_not_have_is_refused_by_its_id_and_leaves_nothing_open()
    {
        int impossible = MachineCpus.IdLimit + 3;
        CpuSet cpus = CpuSet.Of([.. MachineCpus.Online(), impossible]);
        ProcessResources before = ProcessResources.Now();
        SystemCallException e = Assert.Throws<SystemCallException>(
            () => PerfEventReader.Open(Switches, new PerfEventReaderOptions { Topology = new CpuTopology(cpus, cpus) }));
        Assert.Equal("EINVAL", e.ErrnoName);
        Assert.Contains($"CPU {impossible}", e.Message, StringComparison.Ordinal);
        Assert.Equal(before.PerfEventDescriptors, ProcessResources.Now().PerfEventDescriptors);
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_list_with_a_gap_gives_rings_by_id()
    {
        int last = MachineCpus.Online()[^1];
        CpuTopology topology = new(CpuSet.Range(0, MachineCpus.IdLimit + 10), CpuSet.Of(last));
        using PerfEventReader reader = PerfEventReader.Open(Switches, new PerfEventReaderOptions { Topology = topology });
        Assert.Equal(CpuSet.Of(last), reader.Cpus);
        Assert.Equal(last, Assert.Single(reader.ReadLosses().Cpus).Cpu);
    }

    [KernelFact(Needs.PerfEvents)]
    public void A_look_allocates_nothing()
    {
        using PerfEventReader reader = PerfEventReader.Open(Switches);
        ICpuWatched watched = reader;
        for (int i = 0; i < 100; i++)
            Assert.True(watched.Look(byClock: i % 2 == 0));

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
            watched.Look(byClock: i % 2 == 0);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Any list, looked at by the watch.</summary>
    private sealed class ListedCpus() : CpuTopology(CpuSet.Range(0, CpuSet.HighestId), CpuSet.Empty)
    {
        private int _looks;

        internal IReadOnlyList<int> Listed { get; set; } = [];

        internal int Looks => Volatile.Read(ref _looks);

        public override CpuSet Online
        {
            get
            {
                Interlocked.Increment(ref _looks);
                return CpuSet.Of([.. Listed]);
            }
        }
    }
}
