using System.Text.Json;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>What the tool finds on machines that allow more or less.</summary>
[Collection(Machine.Name)]
public sealed class DoctorTests
{
    private static readonly string[] InUserNamespace = ["unshare", "--user", "--map-root-user"];

    [KernelFact(Needs.Root | Needs.PerfEvents | Needs.Bpf | Needs.Tracepoints)]
    public async Task With_all_rights_nothing_fails()
    {
        ToolRun run = (await Tool.Run("doctor")).Expect(0);

        Assert.Equal("", run.Errors);
        Assert.DoesNotContain("FAIL", run.Output);
        Assert.DoesNotContain("remedy:", run.Output);
        Assert.Matches("^ok +cap-perfmon +Held\\.", run.Output);
        Assert.EndsWith(
            "whole CPUs: yes; own process: yes; BPF output: yes; BPF ring buffers: yes", run.Lines[^1]);
    }

    [KernelFact(Needs.Root)]
    public async Task Without_rights_each_failure_has_its_remedy_below()
    {
        using WorldReadableTool tool = new();
        ToolRun run = (await Tool.RunBehind(Preparation.Nobody, tool.Folder, "doctor")).Expect(3);

        Assert.Equal("", run.Errors);
        Assert.Equal("Run as root, or with CAP_PERFMON", RemedyOf(run, "cap-perfmon").Split(':')[0]);
        Assert.Equal("Run as root, or with CAP_BPF", RemedyOf(run, "cap-bpf").Split(':')[0]);
        Assert.Equal("Run as root, or with CAP_PERFMON.", RemedyOf(run, "whole-cpu-events"));
        Assert.Equal("Run as root, or with CAP_BPF.", RemedyOf(run, "bpf-ring-buffer"));
        Assert.Contains(run.Lines, line => line.StartsWith("warn  cap-ipc-lock", StringComparison.Ordinal));
        Assert.Equal(
            run.Lines.Count(line => line.StartsWith("FAIL ", StringComparison.Ordinal)),
            run.Lines.Count(line => line.TrimStart().StartsWith("remedy: ", StringComparison.Ordinal)));
        Assert.Equal(
            "tracepoints: no; whole CPUs: no; own process: yes; BPF output: no; BPF ring buffers: no", run.Lines[^1]);
    }

    [KernelFact(Needs.Root | Needs.PerfEvents)]
    public async Task Without_tracefs_the_remedy_is_the_command_that_mounts_it()
    {
        ToolRun run = (await Tool.RunBehind(Preparation.WithoutTracing, Tool.Folder, "doctor")).Expect(3);

        Assert.Equal("mount -t tracefs nodev /sys/kernel/tracing", RemedyOf(run, "tracefs"));
        Assert.StartsWith("tracepoints: no; whole CPUs: yes; own process: yes; ", run.Lines[^1], StringComparison.Ordinal);
    }

    [KernelFact(Needs.Root)]
    public async Task With_too_few_descriptors_nothing_can_be_read()
    {
        ToolRun run = (await Tool.RunBehind(["prlimit", "--nofile=56:56"], Tool.Folder, "doctor")).Expect(3);

        Assert.StartsWith("ulimit -n ", RemedyOf(run, "open-files"), StringComparison.Ordinal);
        Assert.StartsWith("tracepoints: no; whole CPUs: no; own process: no; ", run.Lines[^1], StringComparison.Ordinal);
    }

    [KernelFact(Needs.Root)]
    public async Task Root_of_a_user_namespace_has_no_rights()
    {
        ToolRun run = (await Tool.RunBehind(InUserNamespace, Tool.Folder, "doctor")).Expect(3);

        Assert.StartsWith("Run outside of the user namespace", RemedyOf(run, "cap-perfmon"), StringComparison.Ordinal);
        Assert.StartsWith("Run as root, or with CAP_PERFMON", RemedyOf(run, "whole-cpu-events"), StringComparison.Ordinal);
    }

    [KernelFact(Needs.Root)]
    public async Task Json_says_the_same_as_the_text()
    {
        using WorldReadableTool tool = new();
        ToolRun text = (await Tool.RunBehind(Preparation.Nobody, tool.Folder, "doctor")).Expect(3);
        ToolRun run = (await Tool.RunBehind(Preparation.Nobody, tool.Folder, "doctor", "--json")).Expect(3);

        JsonElement[] checks = [.. JsonElement.Parse(run.Output).EnumerateArray()];
        Assert.All(checks, check => Assert.Equal(
            ["name", "status", "finding", "remedy"], check.EnumerateObject().Select(property => property.Name)));
        Assert.All(checks, check => Assert.Equal(
            check.GetProperty("status").GetString() == "failed", check.GetProperty("remedy").ValueKind == JsonValueKind.String));
        Assert.Equal(
            text.Lines.Count(line => line.StartsWith("FAIL ", StringComparison.Ordinal)),
            checks.Count(check => check.GetProperty("status").GetString() == "failed"));
        Assert.All(checks, check => Assert.Contains($" {check.GetProperty("name").GetString()} ", text.Output));
    }

    [Fact]
    public async Task An_unknown_option_is_refused()
    {
        ToolRun run = (await Tool.Run("doctor", "--yaml")).Expect(2);
        Assert.Equal("", run.Output);
        Assert.Contains("'perfring doctor --help'", run.Errors);
    }

    private static string RemedyOf(ToolRun run, string name)
    {
        const string mark = "remedy: ";
        int failure = Array.FindIndex(run.Lines, line => line.StartsWith($"FAIL  {name} ", StringComparison.Ordinal));
        Assert.True(failure >= 0, $"{name} did not fail:\n{run.Output}");
        string remedy = run.Lines[failure + 1].TrimStart();
        Assert.StartsWith(mark, remedy, StringComparison.Ordinal);
        return remedy[mark.Length..];
    }
}
