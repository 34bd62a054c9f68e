using System.Text.Json;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

[Collection(Machine.Name)]
public sealed class TraceOutputTests
{
    private const string Switch = "sched:sched_switch";
    private const string Wakeup = "sched:sched_wakeup";

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Text_shows_time_cpu_thread_event_and_fields_of_each_record()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", Switch, "--count", "50")).Expect(0);

        Assert.Equal(50, run.Lines.Length);
        Assert.All(run.Lines, line => Assert.Matches(
            @"^ *\d+\.\d{9} \[\d{3}\] -?\d+/-?\d+ +sched:sched_switch prev_comm=\S.* prev_pid=\d+ prev_prio=\d+ prev_state=\d+ "
            + @"next_comm=\S.* next_pid=\d+ next_prio=\d+$",
            line));
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Each_line_of_JSON_is_one_record_with_all_properties()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", Switch, "--duration", "300ms", "--format", "json")).Expect(0);

        List<JsonElement> records = [.. Parse(run).Where(line => Event(line) != "lost")];
        Assert.Equal(run.Records, records.Count);
        Assert.Equal(MachineCpus.Online(), records.Select(Cpu).Distinct().Order());
        Assert.All(records, record =>
        {
            Assert.Equal(["time", "cpu", "event", "pid", "tid", "fields"], record.EnumerateObject().Select(p => p.Name));
            Assert.True(record.GetProperty("time").GetUInt64() > 0);
            Assert.Equal(Switch, Event(record));
            Assert.Equal(
                ["prev_comm", "prev_pid", "prev_prio", "prev_state", "next_comm", "next_pid", "next_prio"],
                record.GetProperty("fields").EnumerateObject().Select(p => p.Name));

            // A thread on its last way out has no id any more.
            int previous = record.GetProperty("fields").GetProperty("prev_pid").GetInt32();
            Assert.Contains(record.GetProperty("tid").GetInt32(), (int[])[-1, previous]);
        });
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Each_CPU_comes_in_the_order_of_time()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", Switch, "--count", "5000", "--format", "json")).Expect(0);

        Assert.All(Parse(run).Where(line => Event(line) != "lost").GroupBy(Cpu), records =>
        {
            ulong[] times = [.. records.Select(record => record.GetProperty("time").GetUInt64())];
            Assert.Equal(times.Order(), times);
        });
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Hex_shows_the_payload_below_each_header()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", Switch, "--count", "3", "--format", "hex")).Expect(0);

        Assert.Equal(3, run.Lines.Count(line => line.Contains($" {Switch} ")));
        Assert.Matches(@" sched:sched_switch \d+ bytes$", run.Lines[0]);
        Assert.Matches(@"^    0000  ([0-9a-f]{2} ){16} \|.{16}\|$", run.Lines[1]);
        Assert.Matches(@"^    0010  ", run.Lines[2]);
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Two_events_in_the_same_rings_are_told_apart()
    {
        using Switching switching = Switching.OnEveryCpu();

        // One event is enabled after the other, and whoever does that may lose its CPU in between to threads that do nothing but switch.
        ToolRun run = (await Tool.Run("trace", Switch, Wakeup, "--count", "20000", "--format", "json")).Expect(0);

        ILookup<string, JsonElement> records = Parse(run).ToLookup(Event);
        Assert.NotEmpty(records[Switch]);
        Assert.NotEmpty(records[Wakeup]);
        Assert.All(records[Switch], record => Assert.True(record.GetProperty("fields").TryGetProperty("next_pid", out _)));
        Assert.All(records[Wakeup], record => Assert.True(record.GetProperty("fields").TryGetProperty("target_cpu", out _)));
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents | Needs.TwoCpus)]
    public async Task Only_the_CPUs_asked_for_are_shown()
    {
        int cpu = MachineCpus.Online()[^1];
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", Switch, "--count", "500", "--format", "json", "--cpus", $"{cpu}")).Expect(0);

        Assert.All(Parse(run), line => Assert.Equal(cpu, Cpu(line)));
        Assert.DoesNotContain($"cpu {MachineCpus.Online()[0]} ", run.Errors);
    }

    [KernelTheory(Needs.PerfEvents)]
    [InlineData("context-switches")]
    [InlineData("cs")]
    public async Task Software_events_go_by_the_names_that_perf_gives_them(string name)
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", name, "--count", "20", "--format", "json")).Expect(0);

        Assert.Equal(20, run.Lines.Length);
        Assert.All(Parse(run), line =>
        {
            Assert.Equal("context-switches", Event(line));
            Assert.Matches("^0x[0-9a-f]+$", line.GetProperty("fields").GetProperty("ip").GetString());
        });
    }

    [KernelTheory(Needs.Tracepoints | Needs.PerfEvents)]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("hex")]
    public async Task Exactly_the_records_that_were_asked_for_are_printed(string format)
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", Switch, "--count", "1234", "--format", format)).Expect(0);

        Assert.Equal(1234, run.Lines.Count(line => line.Contains(Switch)));
        Assert.Equal(1234, run.Records);
    }

    private static IEnumerable<JsonElement> Parse(ToolRun run) => run.Lines.Select(line => JsonElement.Parse(line));

    private static string Event(JsonElement line) => line.GetProperty("event").GetString()!;

    private static int Cpu(JsonElement line) => line.GetProperty("cpu").GetInt32();
}
