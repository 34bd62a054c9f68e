using System.Text.Json;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

[Collection(Machine.Name)]
public sealed class MapsTests
{
    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task Each_ring_has_a_line_with_its_size_and_those_who_hold_it()
    {
        using RingProgram ring = new();
        using BpfTestMap array = BpfTestMap.PerfEventArray(7, name: RingProgram.NewName());
        ToolRun run = (await Tool.Run("maps")).Expect(0);

        Assert.Equal("", run.Errors);
        Assert.Matches("^id +name +kind +size +flags +pids$", run.Lines[0]);
        Assert.Matches(
            $"(?m)^{ring.Map.Id} +{ring.Name} +ring buffer +65536 bytes +- +{Environment.ProcessId}$", run.Output);
        Assert.Matches($"(?m)^{array.Id} +pr[0-9a-f_]+ +perf event array +7 slots +- +{Environment.ProcessId}$", run.Output);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task Json_says_the_same()
    {
        using BpfTestMap ring = BpfTestMap.RingBuffer(8192);
        using BpfTestMap array = BpfTestMap.ArrayOfMaps(3, ring);
        array.Update(1, ring);
        ToolRun run = (await Tool.Run("maps", "--json")).Expect(0);

        JsonElement one = Find(run, ring.Id);
        Assert.Equal(["id", "name", "kind", "bytes", "overwrites", "pids"], one.EnumerateObject().Select(p => p.Name));
        Assert.Equal("ring buffer", one.GetProperty("kind").GetString());
        Assert.Equal(8192, one.GetProperty("bytes").GetInt32());
        Assert.Equal("", one.GetProperty("name").GetString());
        Assert.False(one.GetProperty("overwrites").GetBoolean());
        Assert.Equal([Environment.ProcessId], one.GetProperty("pids").EnumerateArray().Select(pid => pid.GetInt32()));

        JsonElement many = Find(run, array.Id);
        Assert.Equal("array of ring buffers", many.GetProperty("kind").GetString());
        Assert.Equal(3, many.GetProperty("slots").GetInt32());
        Assert.Equal([ring.Id], many.GetProperty("rings").EnumerateArray().Select(id => id.GetUInt32()));
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task Maps_that_are_no_rings_are_left_out()
    {
        using BpfTestMap counts = BpfTestMap.Array(8, 1);
        using BpfTestMap arrayOfCounts = BpfTestMap.ArrayOfMaps(1, counts);
        arrayOfCounts.Update(0, counts);
        using RingProgram ring = new();
        ToolRun run = (await Tool.Run("maps", "--json")).Expect(0);

        uint[] ids = [.. JsonElement.Parse(run.Output).EnumerateArray().Select(map => map.GetProperty("id").GetUInt32())];
        Assert.Contains(ring.Map.Id, ids);
        Assert.DoesNotContain(counts.Id, ids);
        Assert.DoesNotContain(arrayOfCounts.Id, ids);
        Assert.Equal(ids.Order(), ids);
    }

    [KernelFact(Needs.Root)]
    public async Task Without_rights_it_says_which_are_missing()
    {
        using WorldReadableTool tool = new();
        ToolRun run = (await Tool.RunBehind(Preparation.Nobody, tool.Folder, "maps")).Expect(3);

        Assert.Equal("", run.Output);
        Assert.Contains("needs CAP_SYS_ADMIN", run.Errors);
    }

    private static JsonElement Find(ToolRun run, uint id) =>
        JsonElement.Parse(run.Output).EnumerateArray().Single(map => map.GetProperty("id").GetUInt32() == id);
}
