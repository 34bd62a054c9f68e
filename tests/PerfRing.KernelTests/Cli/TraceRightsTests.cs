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
}
