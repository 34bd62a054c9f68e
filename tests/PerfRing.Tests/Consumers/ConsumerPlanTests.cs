namespace PerfRing.Tests.Consumers;

public sealed class ConsumerPlanTests
{
    /// <summary>A list of CPUs with a gap, one of them isolated.</summary>
    private static readonly CpuTopology Machine = new(CpuSet.Parse("0-3,16-19"), CpuSet.Parse("0-1,16-17"), CpuSet.Parse("17"));

    private static readonly PerCoreConsumerOptions Options = new() { Topology = Machine };

    [Fact]
    public void Each_cpu_has_a_thread_that_is_pinned_to_it()
    {
        List<ConsumerPlan> plans = ConsumerPlan.Divide([[0, 1, 16]], Options);
        Assert.Equal(["0", "1", "16"], plans.Select(static plan => $"{plan.Cpus}"));
        Assert.Equal(["perfring/0", "perfring/1", "perfring/16"], plans.Select(static plan => plan.Name));
    }

    [Fact]
    public void Rings_of_one_cpu_share_a_thread_whatever_their_readers()
    {
        List<ConsumerPlan> plans = ConsumerPlan.Divide([[0, 16], [16, -1]], Options);
        Assert.Equal([[(0, 0)], [(0, 1), (1, 0)], [(1, 1)]], plans.Select(static plan => plan.Rings));
        Assert.Null(plans[2].Cpus);
        Assert.Equal("perfring/-", plans[2].Name);
    }

    [Fact]
    public void A_group_is_pinned_to_all_of_its_cpus()
    {
        List<ConsumerPlan> plans = ConsumerPlan.Divide([[0, 1, 16]], Options with { Group = static cpu => cpu / 16 });
        Assert.Equal(["0-1", "16"], plans.Select(static plan => $"{plan.Cpus}"));
    }

    [Fact]
    public void The_ring_of_an_isolated_cpu_is_read_from_the_others()
    {
        ConsumerPlan plan = Assert.Single(ConsumerPlan.Divide([[17]], Options));
        Assert.Equal("0-1,16", $"{plan.Cpus}");
    }

    [Fact]
    public void A_group_leaves_out_its_isolated_cpus()
    {
        ConsumerPlan plan = Assert.Single(ConsumerPlan.Divide([[16, 17]], Options with { Group = static _ => 0 }));
        Assert.Equal("16", $"{plan.Cpus}");
    }

    [Fact]
    public void Where_all_cpus_are_isolated_one_has_to_be_named()
    {
        CpuTopology all = new(CpuSet.Of(0), CpuSet.Of(0), CpuSet.Of(0));
        Assert.Contains(
            "ThreadPlacement.On", Assert.Throws<ArgumentException>(() => ConsumerPlan.Divide([[0]], Options with { Topology = all })).Message);
    }

    [Fact]
    public void Given_cpus_are_those_of_all_threads()
    {
        List<ConsumerPlan> plans = ConsumerPlan.Divide([[0, 1]], Options with { Placement = ThreadPlacement.On(CpuSet.Of(17)) });
        Assert.Equal(["17", "17"], plans.Select(static plan => $"{plan.Cpus}"));
    }

    [Fact]
    public void A_busy_spin_under_fifo_is_for_isolated_cpus_only()
    {
        PerCoreConsumerOptions spinning = Options with { Wait = WaitPolicy.BusySpin, Scheduling = ThreadScheduling.Fifo(10) };
        Assert.Contains("17", Assert.Throws<ArgumentException>(() => ConsumerPlan.Divide([[0]], spinning)).Message);
        Assert.Throws<ArgumentException>(() => ConsumerPlan.Divide([[0]], spinning with { Placement = ThreadPlacement.Unpinned }));
        Assert.Throws<ArgumentException>(
            () => ConsumerPlan.Divide([[0]], spinning with { Placement = ThreadPlacement.On(CpuSet.Of(1, 17)) }));
        Assert.Single(ConsumerPlan.Divide([[0]], spinning with { Placement = ThreadPlacement.On(CpuSet.Of(17)) }));
    }
}
