using System.Text;
using System.Text.Json;
using PerfRing.KernelTests.Cli;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Drops;

/// <summary>A BPF program that others compiled, loaded and attached, and what of it is seen from here.</summary>
[Collection(Machine.Name)]
public sealed class AttachedByBpfToolTests
{
    private const Needs NeedsTools = Needs.Root | Needs.Bpf | Needs.Clang | Needs.BpfTool | Needs.ControlGroups;

    private static readonly string[] Names = ["ostype", "osrelease", "hostname", "ostype"];

    [KernelFact(NeedsTools)]
    public async Task Perfring_read_prints_what_the_program_writes()
    {
        using AttachedProgram program = new();
        using Tool tool = Tool.Start(
            "read", "--map", program.Ring, "--take-over", "--drops", program.Drops, "--format", "json", "--count", "4", "--strict");
        program.Read(Names);
        ToolRun run = (await tool.End()).Expect(0);

        Assert.Equal(Names, run.Lines.Select(line => JsonElement.Parse(line).GetProperty("text").GetString()));
        Assert.Equal(0, run.Lost);
    }

    [KernelFact(NeedsTools)]
    public async Task Perfring_read_follows_beside_the_owner()
    {
        using AttachedProgram program = new();
        using BpfMap map = BpfMap.OpenPinned(program.Ring);
        using BpfRingReader owner = BpfRingReader.Open(map);
        program.Read(Names);
        ToolRun run = (await Tool.Run("read", "--map", program.Ring, "--format", "json", "--count", "4")).Expect(0);

        Assert.Equal(Names, run.Lines.Select(line => JsonElement.Parse(line).GetProperty("text").GetString()));
        Assert.Equal(Names, Texts(owner));
    }

    [KernelFact(NeedsTools)]
    public void The_ledger_knows_what_the_program_found_no_room_for()
    {
        const int Reads = 1_000;
        using AttachedProgram program = new();
        using BpfMap map = BpfMap.OpenPinned(program.Ring);
        using BpfMap drops = BpfMap.OpenPinned(program.Drops);
        using BpfRingReader reader = BpfRingReader.Open(map, new BpfRingReaderOptions { Drops = drops });
        program.Read(Enumerable.Repeat("ostype", Reads));

        List<string> texts = Texts(reader);
        Assert.All(texts, text => Assert.Equal("ostype", text));
        Assert.Equal((ulong)(Reads - texts.Count), reader.ReadLosses().Lost);
        Assert.InRange(texts.Count, 1, Reads - 1);
    }

    private static List<string> Texts(BpfRingReader reader)
    {
        List<string> texts = [];
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            texts.Add(Encoding.ASCII.GetString(record.Payload.TrimEnd((byte)0)));

        return texts;
    }
}
