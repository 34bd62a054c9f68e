using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>How <c>perfring read</c> finds its map.</summary>
[Collection(Machine.Name)]
public sealed class ReadMapTests
{
    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task By_the_path_where_it_is_pinned()
    {
        using BpfFs files = new();
        using RingProgram ring = new();
        ring.Map.Pin(files.PathOf("events"));
        ring.Emit(1);
        ToolRun run = (await Tool.Run("read", "--map", files.PathOf("events"), "--count", "1")).Expect(0);

        Assert.Equal($"{ring.Name} 24 bytes", run.Lines[0]);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task By_its_name()
    {
        // Another map of this name, which is no ring, is not meant.
        using RingProgram ring = new();
        using BpfTestMap counts = BpfTestMap.PerCpuArray(8, 1, ring.Name);
        ring.Emit(1);
        ToolRun run = (await Tool.Run("read", "--map", $"name:{ring.Name}", "--count", "1")).Expect(0);

        Assert.Equal($"{ring.Name} 24 bytes", run.Lines[0]);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task By_a_name_that_the_kernel_cut()
    {
        string name = RingProgram.NewName().PadRight(15, 'x');
        using RingProgram ring = new(name: name);
        ring.Emit(1);
        ToolRun run = (await Tool.Run("read", "--map", $"name:{name}yz", "--count", "1")).Expect(0);

        Assert.Equal($"{name} 24 bytes", run.Lines[0]);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task A_name_that_two_maps_have_is_refused_with_their_ids()
    {
        using RingProgram one = new();
        using RingProgram two = new(name: one.Name);
        ToolRun run = (await Tool.Run("read", "--map", $"name:{one.Name}", "--count", "1")).Expect(2);

        Assert.Contains($"id:{one.Map.Id}", run.Errors);
        Assert.Contains($"id:{two.Map.Id}", run.Errors);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task A_name_that_no_map_has_brings_near_ones()
    {
        using RingProgram ring = new(name: RingProgram.NewName() + "_evnt");
        ToolRun run = (await Tool.Run("read", "--map", $"name:{ring.Name.Replace("evnt", "evtn")}")).Expect(4);

        Assert.Contains("did you mean ", run.Errors);
        Assert.Contains(ring.Name, run.Errors);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task What_is_not_there_is_missing()
    {
        Assert.Contains("no BPF map has the id 4294967295", (await Tool.Run("read", "--map", "id:4294967295")).Expect(4).Errors);
        Assert.Contains("nothing is pinned at /tmp/no/such", (await Tool.Run("read", "--map", "/tmp/no/such")).Expect(4).Errors);
        Assert.Contains("name:events", (await Tool.Run("read", "--map", "events")).Expect(4).Errors);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task What_is_no_ring_is_refused()
    {
        using BpfTestMap map = BpfTestMap.Array(8, 1);
        ToolRun run = (await Tool.Run("read", "--map", $"id:{map.Id}")).Expect(2);

        Assert.Contains("is no ring: its type is 2", run.Errors);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task What_a_program_reads_is_not_to_be_read_here()
    {
        using BpfTestMap map = BpfTestMap.UserRingBuffer(4096);
        ToolRun run = (await Tool.Run("read", "--map", $"id:{map.Id}")).Expect(2);

        Assert.Contains("is a user ring buffer", run.Errors);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task Without_rights_it_says_which_are_missing()
    {
        using WorldReadableTool tool = new();
        using RingProgram ring = new();
        ToolRun byId = await Tool.RunBehind(Preparation.Nobody, tool.Folder, "read", "--map", ring.Reference);
        ToolRun byName = await Tool.RunBehind(Preparation.Nobody, tool.Folder, "read", "--map", $"name:{ring.Name}");

        Assert.Contains("CAP_SYS_ADMIN", byId.Expect(3).Errors);
        Assert.Contains("CAP_SYS_ADMIN", byName.Expect(3).Errors);
    }

    [Theory]
    [InlineData("--map", "id:many")]
    [InlineData("--map", "id:-1")]
    [InlineData("--map", "name:")]
    [InlineData("--map", "")]
    [InlineData("--map", "id:1", "--format", "text")]
    [InlineData("--map", "id:1", "--drops", "id:")]
    [InlineData("--map", "id:1", "--drops-index", "1")]
    [InlineData("--map", "id:1", "--count", "0")]
    [InlineData("--count", "1")]
    public async Task A_bad_value_is_a_usage_error(params string[] arguments)
    {
        ToolRun run = (await Tool.Run(["read", .. arguments])).Expect(2);

        Assert.Equal("", run.Output);
        Assert.Contains("'perfring read --help'", run.Errors);
    }
}
