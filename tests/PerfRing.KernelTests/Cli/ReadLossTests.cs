using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>What <c>perfring read --strict</c> makes of what it can know.</summary>
[Collection(Machine.Name)]
public sealed class ReadLossTests
{
    [KernelTheory(Needs.Bpf | Needs.Root)]
    [InlineData("--strict")]
    [InlineData("--strict", "--take-over")]
    public async Task Without_a_drop_map_nothing_is_certain(params string[] options)
    {
        using RingProgram ring = new();
        ring.Emit(1);
        ToolRun run = (await Tool.Run(["read", "--map", ring.Reference, "--count", "1", .. options])).Expect(1);

        Assert.Contains("whether records were lost is not known here", run.Errors);
        Assert.Matches(@"(?m)^lost +unknown$", run.Errors);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task With_a_drop_map_a_run_without_loss_succeeds()
    {
        using BpfTestMap drops = BpfTestMap.PerCpuArray(8, 1, RingProgram.NewName());
        using RingProgram ring = new(drops: drops);
        ring.Emit(3);
        ToolRun run = (await Tool.Run(
            "read", "--map", ring.Reference, "--take-over", "--count", "3", "--strict", "--drops", $"id:{drops.Id}")).Expect(0);

        Assert.Equal(0, run.Lost);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task With_a_drop_map_the_losses_are_counted()
    {
        string name = RingProgram.NewName();
        using BpfTestMap drops = BpfTestMap.PerCpuArray(8, 1, name);
        using RingProgram ring = new(bytes: 4096, drops: drops);
        ring.Emit(1);
        using Tool tool = Tool.Start(
            "read", "--map", ring.Reference, "--take-over", "--strict", "--drops", $"name:{name}", "--format", "raw");

        // It reads now. Whatever it does meanwhile, a ring of a page is full before so much is taken out of it.
        byte[] first = new byte[RingProgram.Size];
        await tool.Output.BaseStream.ReadExactlyAsync(first);
        int cpu = MachineCpus.Online()[0];
        long before = ring.Program.Counts(cpu).Refused;
        Wait.Until(
            () =>
            {
                ring.Emit(BpfOutputProgram.RunMaximum * 10);
                return ring.Program.Counts(cpu).Refused > before;
            },
            "the ring to be full");
        tool.Signal("INT");
        ToolRun run = (await tool.End()).Expect(1);

        Assert.Equal(ring.Program.Counts(cpu).Refused, run.Lost);
        Assert.Contains("records were lost", run.Errors);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task What_is_no_drop_map_is_refused()
    {
        using RingProgram ring = new();
        ToolRun run = (await Tool.Run("read", "--map", ring.Reference, "--drops", ring.Reference)).Expect(2);

        Assert.Contains("can't be a drop map", run.Errors);
    }
}
