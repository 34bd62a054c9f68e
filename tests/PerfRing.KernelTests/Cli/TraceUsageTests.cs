using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

[Collection(Machine.Name)]
public sealed class TraceUsageTests
{
    [KernelTheory(Needs.Tracepoints)]
    [InlineData("sched:sched_swich")]
    [InlineData("sched_switch")]
    [InlineData("shed:sched_switch")]
    public async Task A_name_that_is_not_there_brings_near_ones(string name)
    {
        ToolRun run = (await Tool.Run("trace", name)).Expect(4);

        Assert.Contains("did you mean ", run.Errors);
        Assert.Contains("sched:sched_switch", run.Errors);
    }

    [Fact]
    public async Task A_software_event_that_is_not_there_brings_those_that_are()
    {
        ToolRun run = (await Tool.Run("trace", "contxt-switches")).Expect(4);

        Assert.Contains("context-switches (cs)", run.Errors);
    }

    [Theory]
    [InlineData("sched:")]
    [InlineData(":sched_switch")]
    [InlineData("a:b:c")]
    [InlineData("../..:passwd")]
    public async Task A_malformed_name_is_a_usage_error(string name)
    {
        ToolRun run = (await Tool.Run("trace", name)).Expect(2);

        Assert.Contains($"'{name}' is no event name", run.Errors);
    }

    [Theory]
    [InlineData("--duration", "3")]
    [InlineData("--duration", "0s")]
    [InlineData("--duration", "-1s")]
    [InlineData("--duration", "99999999999999999999999999h")]
    [InlineData("--within", "1day")]
    [InlineData("--count", "0")]
    [InlineData("--count", "many")]
    [InlineData("--format", "xml")]
    [InlineData("--buffer-size", "2G")]
    [InlineData("--buffer-size", "99999999999999999999")]
    [InlineData("--cpus", "0-")]
    [InlineData("--cpus", "1000000")]
    [InlineData("--pid", "-1")]
    [InlineData("--wakeup-bytes", "512K")]
    [InlineData("--wakeup-events", "1000000")]
    public async Task A_bad_value_is_a_usage_error_that_names_the_option(string option, string value)
    {
        ToolRun run = (await Tool.Run("trace", "context-switches", option, value)).Expect(2);

        Assert.Equal("", run.Output);
        Assert.Contains(option, run.Errors);
        Assert.DoesNotContain("   at ", run.Errors);
    }

    [Theory]
    [InlineData("trace", "--wakeup-events", "1", "--wakeup-bytes", "1")]
    [InlineData("trace", "--nonsense")]
    [InlineData("nonsense")]
    [InlineData()]
    public async Task A_wrong_command_line_is_a_usage_error(params string[] arguments)
    {
        ToolRun run = (await Tool.Run(arguments)).Expect(2);

        Assert.Equal("", run.Output);
        Assert.Contains("--help", run.Errors);
    }

    [Fact]
    public async Task A_process_that_is_not_there_is_named()
    {
        // Above the highest that the kernel gives out (2^22).
        ToolRun run = (await Tool.Run("trace", "context-switches", "--pid", "4194305")).Expect(4);

        Assert.Contains("no process 4194305", run.Errors);
    }

    [Theory]
    [InlineData("perfring trace sched:sched_switch --duration 3s", "--help")]
    [InlineData("perfring read --map name:events", "--help")]
    [InlineData("perfring trace sched:sched_switch --duration 3s", "trace", "--help")]
    [InlineData("perfring doctor ", "doctor", "--help")]
    [InlineData("perfring read --map name:events", "read", "--help")]
    [InlineData("perfring maps --json", "maps", "--help")]
    [InlineData("perfring share read numbers", "share", "--help")]
    [InlineData("seq 1000000 | perfring share write", "share", "write", "--help")]
    public async Task Help_has_examples_and_the_exit_codes(string example, params string[] arguments)
    {
        ToolRun run = (await Tool.Run(arguments)).Expect(0);

        Assert.Contains($"  {example}", run.Output);
        Assert.Contains("Exit codes:", run.Output);
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public async Task The_version_is_printed()
    {
        ToolRun run = (await Tool.Run("--version")).Expect(0);

        Assert.Matches(@"^\d+\.\d+\.\d+", run.Output);
    }
}
