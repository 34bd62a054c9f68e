namespace PerfRing.Tests.Diagnostics;

public class CpuCheckTests
{
    [Fact]
    public void A_full_row_of_cpus_passes()
    {
        EnvironmentCheck check = CpuCheck.Judge(new CpuTopology(CpuSet.Range(0, 7), CpuSet.Range(0, 7), CpuSet.Of(6, 7)));
        Assert.Equal(CheckStatus.Passed, check.Status);
        Assert.Equal("Online 0-7, possible 0-7, isolated 6-7.", check.Finding);
    }

    [Fact]
    public void Offline_cpus_are_a_warning_with_their_ids()
    {
        EnvironmentCheck check = CpuCheck.Judge(new CpuTopology(CpuSet.Range(0, 7), CpuSet.Parse("0-2,4-7")));
        Assert.Equal(CheckStatus.Warning, check.Status);
        Assert.Contains(": 3 offline", check.Finding, StringComparison.Ordinal);
        Assert.Null(check.Remedy);
    }

    [Fact]
    public void Gaps_between_possible_ids_are_a_warning()
    {
        EnvironmentCheck check = CpuCheck.Judge(new CpuTopology(CpuSet.Parse("0-3,8-11"), CpuSet.Parse("0-3,8-11")));
        Assert.Equal(CheckStatus.Warning, check.Status);
        Assert.Contains("gaps", check.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_that_are_missing_or_damaged_are_unknown()
    {
        using KernelTree tree = new();
        CpuTopology topology = new SystemCpuTopology(tree.PathOf(KernelFiles.Cpus));
        tree.Write(KernelFiles.Cpus + "/online", "all of them\n");
        Assert.Equal(CheckStatus.Unknown, CpuCheck.Judge(topology).Status);
        tree.Remove(KernelFiles.Cpus + "/online");
        Assert.Equal(CheckStatus.Unknown, CpuCheck.Judge(topology).Status);
    }
}
