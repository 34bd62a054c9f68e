using System.Text.Json;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary><c>perfring read</c> with perf event arrays.</summary>
[Collection(Machine.Name)]
public sealed class ReadPerfArrayTests
{
    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Root)]
    public async Task Without_take_over_the_owner_goes_on_undisturbed()
    {
        using BpfOutput owner = new(BpfOutput.OnePage);
        ToolRun run = (await Tool.Run("read", "--map", $"id:{owner.Map.Id}")).Expect(2);

        Assert.Equal("", run.Output);
        Assert.Contains("gets nothing more", run.Errors);
        Assert.Contains("--take-over does it", run.Errors);

        owner.Program.Emit(MachineCpus.Online()[0], 8);
        using RecordBatch batch = owner.Reader.Read(TimeSpan.FromSeconds(10));
        Assert.Equal(ReadStatus.Records, batch.Status);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Root)]
    public async Task Taking_over_prints_time_CPU_and_thread_of_each_record()
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray(name: RingProgram.NewName());
        using PerfOutputProgram program = new(map);
        int cpu = MachineCpus.Online()[^1];
        ToolRun run = await TakeOver(map, program, cpu, "--format", "json");

        // 20 bytes, since the kernel pads to them: shorter ones would end in old bytes of the ring.
        Assert.Equal(3, run.Lines.Length);
        Assert.All(run.Lines.Select(line => JsonElement.Parse(line)), line =>
        {
            Assert.Equal(
                ["time", "cpu", "pid", "tid", "map", "length", "hex"], line.EnumerateObject().Select(property => property.Name));
            Assert.Equal(cpu, line.GetProperty("cpu").GetInt32());
            Assert.Equal(20, line.GetProperty("length").GetInt32());
            string hex = line.GetProperty("hex").GetString()!;
            Assert.Equal(RingProgram.Payload(0, 20)[16..], hex[16..]);
        });
        Assert.Contains("taking over", run.Errors);
        Assert.Equal(0, run.Lost);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Root)]
    public async Task Hex_has_the_columns_of_trace()
    {
        string name = RingProgram.NewName();
        using BpfTestMap map = BpfTestMap.PerfEventArray(name: name);
        using PerfOutputProgram program = new(map);
        ToolRun run = await TakeOver(map, program, MachineCpus.Online()[0], "--strict");

        Assert.Matches($@"^ *\d+\.\d{{9}} \[\d{{3}}\] \d+/\d+ +{name} 20 bytes$", run.Lines[0]);
        Assert.Matches(@"^    0000  ([0-9a-f]{2} ){16} \|.{16}\|$", run.Lines[1]);
        Assert.Equal(9, run.Lines.Length);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.Root)]
    public async Task A_drop_map_is_not_for_perf_event_arrays()
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        ToolRun run = (await Tool.Run(
            "read", "--map", $"id:{map.Id}", "--take-over", "--drops", $"id:{map.Id}")).Expect(2);

        Assert.Contains("--drops is for ring buffers", run.Errors);
    }

    /// <summary>Takes three records, of those that are written until it has them.</summary>
    private static async Task<ToolRun> TakeOver(BpfTestMap map, PerfOutputProgram program, int cpu, params string[] options)
    {
        using Tool tool = Tool.Start(["read", "--map", $"id:{map.Id}", "--take-over", "--count", "3", .. options]);
        Task<ToolRun> end = tool.End();
        Wait.Until(
            () =>
            {
                program.Emit(cpu, 20);
                return end.IsCompleted;
            },
            "the tool to have three records", TimeSpan.FromSeconds(60));
        return (await end).Expect(0);
    }
}
