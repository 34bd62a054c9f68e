namespace PerfRing.Tests;

public sealed class CpuTopologyTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("perfring-topology-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_three_lists_come_from_their_files()
    {
        Write("possible", "0-31\n");
        Write("online", "0-11,16-27\n");
        Write("isolated", "8-11\n");
        var topology = new SystemCpuTopology(_directory.FullName);
        Assert.Equal(CpuSet.Range(0, 31), topology.Possible);
        Assert.Equal("0-11,16-27", topology.Online.ToString());
        Assert.Equal(CpuSet.Range(8, 11), topology.Isolated);
    }

    [Fact]
    public void Every_look_reads_anew()
    {
        var topology = new SystemCpuTopology(_directory.FullName);
        Write("online", "0-3\n");
        Assert.Equal(4, topology.Online.Count);
        Write("online", "0,2-3\n");
        Assert.Equal("0,2-3", topology.Online.ToString());
    }

    [Fact]
    public void Isolated_is_empty_when_the_file_is_or_is_absent()
    {
        var topology = new SystemCpuTopology(_directory.FullName);
        Assert.Equal(CpuSet.Empty, topology.Isolated);
        Write("isolated", "\n");
        Assert.Equal(CpuSet.Empty, topology.Isolated);
    }

    [Fact]
    public void A_missing_list_is_reported_with_its_file_and_the_remedy()
    {
        var topology = new SystemCpuTopology(_directory.FullName);
        var refusal = Assert.Throws<SystemCallException>(() => topology.Online);
        Assert.Equal("ENOENT", refusal.ErrnoName);
        Assert.Contains(Path.Combine(_directory.FullName, "online"), refusal.Message, StringComparison.Ordinal);
        Assert.Contains("mount -t sysfs", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_is_none_is_reported_with_its_file()
    {
        Write("possible", "many\n");
        var refusal = Assert.Throws<FormatException>(() => new SystemCpuTopology(_directory.FullName).Possible);
        Assert.Contains(Path.Combine(_directory.FullName, "possible"), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_machine_runs_on_cpus_that_are_possible()
    {
        CpuTopology topology = CpuTopology.FromSystem();
        Assert.NotEmpty(topology.Online);
        Assert.Empty(topology.Online.Except(topology.Possible));
    }

    [Fact]
    public void A_fixed_topology_says_what_it_was_given()
    {
        var topology = new CpuTopology(CpuSet.Range(0, 7), CpuSet.Of(0, 5), CpuSet.Of(5));
        Assert.Equal(8, topology.Possible.Count);
        Assert.Equal("0,5", topology.Online.ToString());
        Assert.Equal("5", topology.Isolated.ToString());
        Assert.Empty(new CpuTopology(CpuSet.Of(0), CpuSet.Of(0)).Isolated);
    }

    [Fact]
    public void A_fixed_topology_with_an_impossible_cpu_online_is_refused()
    {
        var refusal = Assert.Throws<ArgumentException>("online", () => new CpuTopology(CpuSet.Of(0), CpuSet.Of(0, 4)));
        Assert.Contains("CPUs 4 are online", refusal.Message, StringComparison.Ordinal);
    }

    private void Write(string name, string list) => File.WriteAllText(Path.Combine(_directory.FullName, name), list);
}
