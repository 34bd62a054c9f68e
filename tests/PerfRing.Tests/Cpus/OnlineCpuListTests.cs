namespace PerfRing.Tests;

public sealed class OnlineCpuListTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("perfring-online-");

    private string Online => Path.Combine(_directory.FullName, "online");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Every_look_sees_what_the_file_says_by_then()
    {
        SystemCpuTopology topology = new(_directory.FullName);
        foreach (string list in new[] { "0-1,4-5\n", "0-1,4\n", "0\n", "0-1,4-5\n" })
        {
            File.WriteAllText(Online, list);
            Assert.Equal(list.Trim(), topology.LookOnline()!.ToString());
        }
    }

    [Fact]
    public void A_list_that_stays_the_same_costs_no_allocation()
    {
        File.WriteAllText(Online, "0-1,4-5\n");
        OnlineCpuList list = new(Online);
        CpuSet? first = list.Read();
        Assert.Same(first, list.Read());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            list.Read();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_file_that_is_not_there_or_holds_no_list_is_no_list()
    {
        Assert.Null(new OnlineCpuList(Online).Read());
        File.WriteAllText(Online, "all of them\n");
        Assert.Null(new OnlineCpuList(Online).Read());
    }

    [Fact]
    public void A_topology_of_ones_own_is_asked_itself() =>
        Assert.Equal("0-1,4-5", new CpuTopology(CpuSet.Range(0, 7), CpuSet.Parse("0-1,4-5")).LookOnline()!.ToString());
}
