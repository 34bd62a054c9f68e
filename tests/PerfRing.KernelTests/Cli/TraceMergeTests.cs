using System.Text.Json;
using System.Text.RegularExpressions;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

[Collection(Machine.Name)]
public sealed class TraceMergeTests
{
    private const string Switch = "sched:sched_switch";
    private const string Wakeup = "sched:sched_wakeup";

    [KernelTheory(Needs.Tracepoints | Needs.PerfEvents | Needs.TwoCpus)]
    [InlineData("5ms")]
    [InlineData("1us")]
    public async Task Records_of_all_CPUs_are_printed_in_the_order_of_time_but_for_those_marked_late(string holdBack)
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run(
            "trace", Switch, Wakeup, "--merge", "--hold-back", holdBack, "--count", "20000", "--format", "json")).Expect(0);

        List<JsonElement> lines = [.. run.Lines.Select(line => JsonElement.Parse(line))];
        Assert.Equal(20_000, lines.Count(static line => line.GetProperty("event").GetString() is Switch or Wakeup));
        Assert.Equal(MachineCpus.Online(), lines.Select(static line => line.GetProperty("cpu").GetInt32()).Distinct().Order());

        ulong last = 0;
        int late = 0;
        foreach (JsonElement line in lines)
        {
            ulong time = line.GetProperty("time").GetUInt64();
            if (line.TryGetProperty("late", out _))
            {
                late++;
                continue;
            }

            Assert.True(time >= last, $"{time} is printed after {last}");
            last = time;
        }

        Assert.InRange(late, 0, Late(run));
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Text_is_in_order_and_ends_with_all_that_was_in_the_rings()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", Switch, "--merge", "--duration", "300ms")).Expect(0);

        string[] times = [.. run.Lines.Where(static line => !line.Contains("LATE ", StringComparison.Ordinal)).Select(static line => line[..17])];
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
        Assert.Equal(run.Records, run.Lines.Count(static line => line.Contains(Switch, StringComparison.Ordinal)));
        Late(run);
    }

    [Theory]
    [InlineData("context-switches", "--hold-back", "1ms")]
    [InlineData("context-switches", "--merge", "--hold-back", "2m")]
    [InlineData("context-switches", "--merge", "--hold-back", "0s")]
    public async Task A_hold_back_that_means_nothing_is_a_usage_error(params string[] arguments)
    {
        ToolRun run = (await Tool.Run(["trace", .. arguments])).Expect(2);
        Assert.Contains("--hold-back", run.Errors, StringComparison.Ordinal);
    }

    private static long Late(ToolRun run)
    {
        Match match = Regex.Match(run.Errors, @"^late\s+(\d+)$", RegexOptions.Multiline);
        Assert.True(match.Success, $"no count of late records in: {run.Errors}");
        return long.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }
}
