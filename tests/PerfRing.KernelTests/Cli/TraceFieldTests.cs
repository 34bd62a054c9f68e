using System.Diagnostics;
using System.Text.Json;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>Fields that are more than a number, and names that mean harm.</summary>
[Collection(Machine.Name)]
public sealed class TraceFieldTests
{
    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task Arrays_are_lists()
    {
        ToolRun text = (await Tool.Run("trace", "raw_syscalls:sys_enter", "--count", "5")).Expect(0);
        Assert.All(text.Lines, line => Assert.Matches(@" args=\[\d+(,\d+){5}\]$", line));

        ToolRun json = (await Tool.Run("trace", "raw_syscalls:sys_enter", "--count", "5", "--format", "json")).Expect(0);
        Assert.All(json.Lines, line => Assert.Equal(6, Fields(line).GetProperty("args").GetArrayLength()));
    }

    [KernelTheory(Needs.Tracepoints | Needs.PerfEvents)]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Text_that_lies_elsewhere_in_the_record_is_found(string format)
    {
        using Tool tool = Tool.Start("trace", "sched:sched_process_exec", "--count", "1", "--duration", "30s", "--format", format);
        Task<ToolRun> end = tool.End();
        while (!end.IsCompleted)
        {
            using Process program = Process.Start("/bin/true");
            await program.WaitForExitAsync();
        }

        ToolRun run = (await end).Expect(0);
        string line = Assert.Single(run.Lines);
        Assert.Matches("^/", format == "json"
            ? Fields(line).GetProperty("filename").GetString()
            : line[(line.IndexOf("filename=", StringComparison.Ordinal) + "filename=".Length)..]);
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task A_thread_can_not_send_control_codes_to_the_terminal_by_its_name()
    {
        using NamedThread thread = new("\e[31m\"r\x85\n");
        ToolRun text = await TraceThisProcess("text");

        Assert.Contains("""prev_comm="\x1b[31m\"r\xc2\x85\x0a" """, text.Output);
        Assert.DoesNotContain(text.Output, c => char.IsControl(c) && c != '\n');
        Assert.All(text.Lines, line => Assert.Matches(@"^ *\d+\.\d{9} ", line));
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task JSON_stays_JSON_whatever_a_thread_calls_itself()
    {
        const string name = "\e[31m\"r\x85\n";
        using NamedThread thread = new(name);
        ToolRun run = await TraceThisProcess("json");

        Assert.Contains(run.Lines, line => Fields(line).GetProperty("prev_comm").GetString() == name);
        Assert.All(run.Lines, line => Assert.Equal(Environment.ProcessId, JsonElement.Parse(line).GetProperty("pid").GetInt32()));
        Assert.DoesNotContain(run.Output, c => char.IsControl(c) && c != '\n');
    }

    private static async Task<ToolRun> TraceThisProcess(string format)
    {
        string process = $"{Environment.ProcessId}";
        ToolRun run = await Tool.Run(
            "trace", "sched:sched_switch", "--pid", process, "--duration", "500ms", "--format", format);
        return run.Expect(0);
    }

    private static JsonElement Fields(string line) => JsonElement.Parse(line).GetProperty("fields");
}
