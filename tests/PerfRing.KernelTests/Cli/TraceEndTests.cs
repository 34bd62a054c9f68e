using System.Diagnostics;
using System.Globalization;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

[Collection(Machine.Name)]
public sealed class TraceEndTests
{
    private const string Switch = "sched:sched_switch";

    /// <summary>epoll_pwait2(2), the number is the same on x86-64 and arm64.</summary>
    private const string WaitingForRings = "441 ";

    /// <summary>write(2) on x86-64 and on arm64.</summary>
    private static readonly string[] Writing = ["1 ", "64 "];

    [KernelTheory(Needs.Tracepoints | Needs.PerfEvents | Needs.Root)]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_drains_the_rings_and_prints_the_summary(string signal)
    {
        // Once it waits it prints nothing more before the end: the delay is long, and the mark far away.
        using Tool tool = Tool.Start("trace", Switch, "--buffer-size", "32M", "--within", "1h");
        Task<ToolRun> end = tool.End();
        Wait.Until(() => Is(tool, WaitingForRings), "the tool to wait for rings", seen: () => SystemCallOf(tool));

        double waiting = Stopwatch.GetElapsedTime(0).TotalSeconds;
        tool.Signal(signal);
        ToolRun run = (await end).Expect(0);

        // Sending the signal took a process of its own, and nothing but draining can have brought its switches out.
        Assert.Contains(run.Lines, line => Time(line) > waiting);
        Assert.Equal(run.Lines.Length, run.Records);
        Assert.Equal(0, run.Lost);
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents | Needs.Root)]
    public async Task A_second_signal_ends_it_at_once()
    {
        using Switching switching = Switching.OnEveryCpu();

        // Nobody takes the output after the first line: the pipe fills, and draining can't come to its end.
        using Tool tool = Tool.Start("trace", Switch, "--buffer-size", "8M");
        await tool.ReadLine();

        // One look may meet a write that goes through; a hundred in a row meet one that does not.
        int looks = 0;
        Wait.Until(
            () => (looks = Is(tool, Writing) ? looks + 1 : 0) >= 100, "the pipe to be full", seen: () => SystemCallOf(tool));
        tool.Signal("INT");
        Assert.False(tool.HasExited, "the first signal ended it before it had drained");

        // Two of the same signal become one where they come faster than they are taken: repeated until it is through.
        Wait.Until(
            () =>
            {
                tool.Signal("INT");
                return tool.HasExited;
            },
            "a second signal to end the tool");
        ToolRun run = await tool.EndUnread();
        Assert.Equal(128 + 2, run.ExitCode);
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task A_closed_pipe_ends_it_quietly()
    {
        using Switching switching = Switching.OnEveryCpu();
        using Tool tool = Tool.Start("trace", Switch);
        Assert.Contains(Switch, await tool.ReadLine());

        tool.Output.Close();
        ToolRun run = (await tool.EndUnread()).Expect(0);
        Assert.Equal("", run.Errors);
    }

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents)]
    public async Task A_duration_counts_from_the_first_event_on()
    {
        using Switching switching = Switching.OnEveryCpu();
        ToolRun run = (await Tool.Run("trace", Switch, "--duration", "400ms", "--buffer-size", "32M")).Expect(0);

        // Longer only as far as a busy machine lets the timer's thread wait for a CPU.
        Assert.InRange(run.Lines.Max(Time) - run.Lines.Min(Time), 0.3, 10);
    }

    [KernelFact(Needs.PerfEvents)]
    public async Task The_end_of_the_watched_process_is_the_end()
    {
        using Process sleeper = Process.Start("sleep", ["1"]);
        ToolRun run = (await Tool.Run("trace", "context-switches", "--pid", $"{sleeper.Id}")).Expect(0);

        Assert.Equal(run.Lines.Length, run.Records);
    }

    private static double Time(string line) => double.Parse(line.TrimStart().Split(' ')[0], CultureInfo.InvariantCulture);

    private static bool Is(Tool tool, params ReadOnlySpan<string> calls)
    {
        string now = SystemCallOf(tool);
        foreach (string call in calls)
        {
            if (now.StartsWith(call, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static string SystemCallOf(Tool tool)
    {
        try
        {
            return File.ReadAllText($"/proc/{tool.ProcessId}/syscall");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
