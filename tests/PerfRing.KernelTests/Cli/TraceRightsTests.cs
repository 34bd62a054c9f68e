using System.Text.Json;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>What the tool makes of a machine that allows less.</summary>
[Collection(Machine.Name)]
public sealed class TraceRightsTests
{
    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task With_all_rights_it_traces_switches_and_says_so()
    {
        ToolRun run = (await Tool.Run("trace", "--count", "1")).Expect(0);

        Assert.Contains("tracing sched:sched_switch", run.Errors);
        Assert.Contains(" sched:sched_switch ", run.Output);
    }

    [KernelFact(Needs.Root)]
    public async Task Without_rights_it_watches_itself_and_says_why()
    {
        using WorldReadableTool tool = new();
        ToolRun run = (await Tool.RunBehind(
            Preparation.Nobody, tool.Folder, "trace", "--duration", "1s", "--format", "json")).Expect(0);

        Assert.Contains("not sched:sched_switch: ", run.Errors);
        Assert.Contains("not context-switches: perf_event_open: EACCES", run.Errors);
        Assert.Contains("tracing cpu-clock of this process itself", run.Errors);
        Assert.NotEmpty(run.Lines);
        Assert.All(run.Lines, line => Assert.Equal("cpu-clock", JsonElement.Parse(line).GetProperty("event").GetString()));
    }

    [KernelFact(Needs.Root)]
    public async Task Without_rights_a_software_event_of_the_whole_machine_is_refused()
    {
        using WorldReadableTool tool = new();
        ToolRun run = (await Tool.RunBehind(Preparation.Nobody, tool.Folder, "trace", "context-switches")).Expect(3);

        Assert.Equal("", run.Output);
        Assert.StartsWith("perfring: perf_event_open: EACCES: ", run.Errors);
        Assert.Single(run.Errors.TrimEnd().Split('\n'));
    }

    [KernelFact(Needs.Root | Needs.PerfEvents)]
    public async Task Without_tracefs_it_traces_context_switches_and_says_how_to_mount_it()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.RunBehind(Preparation.WithoutTracing, Tool.Folder, "trace", "--count", "10")).Expect(0);

        Assert.Contains("mount -t tracefs", run.Errors);
        Assert.Contains("tracing context-switches", run.Errors);
        Assert.Equal(10, run.Lines.Length);
        Assert.All(run.Lines, line => Assert.Contains(" context-switches ", line));
    }

    [KernelFact(Needs.Root)]
    public async Task Without_tracefs_a_tracepoint_is_not_there()
    {
        ToolRun run = (await Tool.RunBehind(Preparation.WithoutTracing, Tool.Folder, "trace", "sched:sched_switch")).Expect(4);

        Assert.Equal("", run.Output);
        Assert.Contains("mount -t tracefs", run.Errors);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("hex")]
    public async Task Without_any_event_it_shows_a_ring_of_its_own_and_says_so(string format)
    {
        using WithoutPerfEvents refusal = new();
        ToolRun run = (await Tool.RunBehind(
            refusal.Preparation, Tool.Folder, "trace", "--count", "20", "--strict", "--format", format)).Expect(0);

        Assert.Contains("not cpu-clock of this process: perf_event_open: EPERM", run.Errors);
        Assert.Contains("the kernel allows no event at all: showing a ring in memory", run.Errors);
        Assert.Equal(20, run.Lines.Count(line => line.Contains("perfring:tick", StringComparison.Ordinal)));
        Assert.Equal(20, run.Records);
        Assert.Equal(0, run.Lost);
    }

    [Fact]
    public async Task The_ring_of_its_own_has_the_properties_of_events()
    {
        using WithoutPerfEvents refusal = new();
        ToolRun run = (await Tool.RunBehind(
            refusal.Preparation, Tool.Folder, "trace", "--count", "20", "--format", "json", "--wakeup-events", "5")).Expect(0);

        JsonElement[] ticks = [.. run.Lines.Select(line => JsonElement.Parse(line))];
        Assert.All(ticks, tick => Assert.Equal(
            ["time", "cpu", "event", "pid", "tid", "fields"], tick.EnumerateObject().Select(property => property.Name)));
        Assert.Equal(
            Enumerable.Range(0, 20).Select(number => (ulong)number),
            ticks.Select(tick => tick.GetProperty("fields").GetProperty("number").GetUInt64()));
        ulong[] times = [.. ticks.Select(tick => tick.GetProperty("time").GetUInt64())];
        Assert.Equal(times.Order().Distinct(), times);
        Assert.All(ticks, tick => Assert.NotEqual(0, tick.GetProperty("tid").GetInt32()));
    }

    [Fact]
    public async Task An_event_that_was_named_is_not_replaced_by_another()
    {
        using WithoutPerfEvents refusal = new();
        ToolRun named = await Tool.RunBehind(refusal.Preparation, Tool.Folder, "trace", "cpu-clock");
        ToolRun process = await Tool.RunBehind(
            refusal.Preparation, Tool.Folder, "trace", "--pid", $"{Environment.ProcessId}");

        Assert.Equal("", named.Expect(3).Output);
        Assert.Equal("", process.Expect(3).Output);
    }
}
