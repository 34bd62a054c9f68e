using System.Text.Json;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary><c>perfring read</c> with ring buffers.</summary>
[Collection(Machine.Name)]
public sealed class ReadRingTests
{
    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task Following_prints_each_record_and_consumes_none()
    {
        using RingProgram ring = new();
        ring.Emit(3);
        ToolRun first = (await Tool.Run("read", "--map", ring.Reference, "--count", "3")).Expect(0);
        ToolRun second = (await Tool.Run("read", "--map", ring.Reference, "--count", "3")).Expect(0);

        Assert.Equal(first.Output, second.Output);
        Assert.Equal(9, first.Lines.Length);
        Assert.Equal($"{ring.Name} 24 bytes", first.Lines[0]);
        Assert.Equal("    0000  00 00 00 00 00 00 00 00 ff 1e 3d 5c 7b 9a b9 d8  |..........=\\{...|", first.Lines[1]);
        Assert.StartsWith("    0010  f7 16 35 54 73 92 b1 d0  ", first.Lines[2], StringComparison.Ordinal);
        Assert.StartsWith("    0000  02 00 ", first.Lines[7], StringComparison.Ordinal);
        Assert.Contains($"following map {ring.Map.Id} ({ring.Name}), a ring buffer, without consuming", first.Errors);
        Assert.Equal(3, first.Records);
        Assert.Matches(@"(?m)^discarded 0\nlost +unknown$", first.Errors);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task Taking_over_consumes_and_says_so()
    {
        using RingProgram ring = new();
        ring.Emit(5);
        ToolRun taken = (await Tool.Run("read", "--map", ring.Reference, "--count", "3", "--take-over")).Expect(0);
        ToolRun rest = (await Tool.Run("read", "--map", ring.Reference, "--count", "2", "--format", "json")).Expect(0);

        Assert.Contains("consuming", taken.Errors);
        Assert.Contains("gets nothing more", taken.Errors);
        Assert.Equal([RingProgram.Payload(3), RingProgram.Payload(4)], rest.Lines.Select(Hex));
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task A_follower_leaves_the_records_to_the_one_who_consumes()
    {
        using RingProgram ring = new();
        using BpfMap map = BpfMap.FromDescriptor(ring.Map.Descriptor);
        using BpfRingReader owner = BpfRingReader.Open(map);
        ring.Emit(10);
        (await Tool.Run("read", "--map", ring.Reference, "--count", "10")).Expect(0);

        int records = 0;
        using RecordBatch batch = owner.Read(TimeSpan.FromSeconds(10));
        foreach (Record record in batch)
            records++;

        Assert.Equal(10, records);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task Json_has_the_payload_as_hex_and_where_it_is_text_as_text()
    {
        using BpfTestMap map = BpfTestMap.RingBuffer(64 * 1024, name: RingProgram.NewName());
        using BpfTestProgram hello = Says(map, "hello\0\0\0");
        using BpfTestProgram bell = Says(map, "\abell\0\0\0");
        hello.Run(0, []);
        bell.Run(0, []);
        ToolRun run = (await Tool.Run("read", "--map", $"id:{map.Id}", "--count", "2", "--format", "json")).Expect(0);

        JsonElement[] lines = [.. run.Lines.Select(line => JsonElement.Parse(line))];
        Assert.Equal(["map", "length", "hex", "text"], lines[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal(8, lines[0].GetProperty("length").GetInt32());
        Assert.Equal("68656c6c6f000000", lines[0].GetProperty("hex").GetString());
        Assert.Equal("hello", lines[0].GetProperty("text").GetString());
        Assert.Equal("0762656c6c000000", lines[1].GetProperty("hex").GetString());
        Assert.False(lines[1].TryGetProperty("text", out _));
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task Raw_is_the_payloads_and_nothing_between_them()
    {
        using BpfTestMap map = BpfTestMap.RingBuffer(64 * 1024);
        using BpfTestProgram program = Says(map, "12345678");
        program.Run(0, []);
        program.Run(0, []);
        ToolRun run = (await Tool.Run("read", "--map", $"id:{map.Id}", "--count", "2", "--format", "raw")).Expect(0);

        Assert.Equal("1234567812345678", run.Output);
    }

    [KernelFact(Needs.Bpf | Needs.Root | Needs.TwoCpus)]
    public async Task An_array_of_ring_buffers_tells_the_CPU()
    {
        using BpfTestMap like = BpfTestMap.RingBuffer(64 * 1024);
        using BpfTestMap array = BpfTestMap.ArrayOfMaps(MachineCpus.IdLimit, like);
        int[] cpus = MachineCpus.Online();
        BpfTestMap[] rings = [.. cpus.Select(_ => BpfTestMap.RingBuffer(64 * 1024))];
        try
        {
            for (int i = 0; i < cpus.Length; i++)
                array.Update((uint)cpus[i], rings[i]);

            using RingOutputProgram program = new(array);
            foreach (int cpu in cpus)
                program.Emit(cpu, 8, cpu + 1);

            int records = cpus.Sum(cpu => cpu + 1);
            ToolRun run = (await Tool.Run("read", "--map", $"id:{array.Id}", "--count", $"{records}", "--take-over")).Expect(0);

            Assert.All(cpus, cpu => Assert.Equal(
                cpu + 1, run.Lines.Count(line => line == $"[{cpu:000}] map-{array.Id} 8 bytes")));
            Assert.All(cpus, cpu => Assert.Contains($"cpu {cpu,-4} {cpu + 1} records, losses unknown", run.Errors));
        }
        finally
        {
            foreach (BpfTestMap ring in rings)
                ring.Dispose();
        }
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task A_signal_ends_it_with_the_summary()
    {
        using RingProgram ring = new();
        using Tool tool = Tool.Start("read", "--map", ring.Reference, "--take-over");
        ring.Emit(1);
        Assert.Equal($"{ring.Name} 24 bytes", await tool.ReadLine());

        tool.Signal("INT");
        ToolRun run = (await tool.End()).Expect(0);
        Assert.Equal(1, run.Records);
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public async Task A_duration_ends_it()
    {
        using RingProgram ring = new();
        ring.Emit(2);
        ToolRun run = (await Tool.Run("read", "--map", ring.Reference, "--duration", "100ms")).Expect(0);

        Assert.Equal(2, run.Records);
    }

    private static string? Hex(string line) => JsonElement.Parse(line).GetProperty("hex").GetString();

    /// <summary>A program that writes the same 8 bytes whenever it runs.</summary>
    private static BpfTestProgram Says(BpfTestMap map, string text)
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        BpfInstruction[] program = new BpfAssembler()
            .Store(BpfSize.Four, BpfRegister.R10, -8, BitConverter.ToInt32(bytes, 0))
            .Store(BpfSize.Four, BpfRegister.R10, -4, BitConverter.ToInt32(bytes, 4))
            .LoadMap(BpfRegister.R1, map)
            .Move(BpfRegister.R2, BpfRegister.R10)
            .Add(BpfRegister.R2, -8)
            .Move(BpfRegister.R3, 8)
            .Move(BpfRegister.R4, 0)
            .Call(BpfHelper.RingBufferOutput)
            .Move(BpfRegister.R0, 0)
            .Exit()
            .Assemble();
        return new BpfTestProgram("says", program);
    }
}
