using System.Text.Json;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

[Collection(Machine.Name)]
public sealed class TraceLossTests
{
    /// <summary>A ring of one page, looked at once in a second: a burst can't fit.</summary>
    private static readonly string[] Losing =
        ["trace", "sched:sched_switch", "--buffer-size", "4K", "--wakeup-bytes", "4000", "--within", "1s", "--duration", "300ms"];

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Strict_fails_when_records_were_lost()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run([.. Losing, "--strict"])).Expect(1);

        Assert.True(run.Lost > 0, run.Errors);
        Assert.Contains("records were lost", run.Errors);
        Assert.Contains(run.Lines, line => line.Contains(" LOST ") && line.Contains(" records on cpu "));
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Losses_alone_are_no_failure()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run(Losing)).Expect(0);

        Assert.True(run.Lost > 0, run.Errors);
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Losses_are_lines_of_their_own_in_JSON()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run([.. Losing, "--format", "json"])).Expect(0);

        JsonElement[] losses =
            [.. run.Lines.Select(line => JsonElement.Parse(line)).Where(line => line.GetProperty("event").GetString() == "lost")];
        Assert.All(losses, line => Assert.Equal(["time", "cpu", "event", "lost"], line.EnumerateObject().Select(p => p.Name)));

        // A loss at the very end has no record behind it that could tell.
        Assert.InRange(losses.Sum(line => line.GetProperty("lost").GetInt64()), 1, run.Lost);
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Strict_succeeds_when_nothing_was_lost()
    {
        ToolRun run = (await Tool.Run(
            "trace", "sched:sched_switch", "--buffer-size", "8M", "--duration", "300ms", "--strict")).Expect(0);

        Assert.Equal(0, run.Lost);
        Assert.Equal(run.Lines.Length, run.Records);
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task A_throttled_event_is_said_since_nobody_counts_what_it_left_out()
    {
        // Each of these stands for nanoseconds of run time, one sample for each: far more than the kernel lets through.
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", "sched:sched_stat_runtime", "--duration", "300ms", "--format", "json")).Expect(0);

        JsonElement line = JsonElement.Parse(run.Lines.First(line => line.Contains("\"throttle\"")));
        Assert.Equal(["time", "cpu", "event"], line.EnumerateObject().Select(p => p.Name));
    }
}
