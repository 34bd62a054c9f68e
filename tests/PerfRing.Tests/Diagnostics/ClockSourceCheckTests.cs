namespace PerfRing.Tests.Diagnostics;

public class ClockSourceCheckTests
{
    [Theory]
    [InlineData("tsc")]
    [InlineData("kvm-clock")]
    [InlineData("arch_sys_counter")]
    public void Clocks_that_are_a_register_pass(string clock) =>
        Assert.Equal(CheckStatus.Passed, ClockSourceCheck.Judge(clock, clock).Status);

    [Theory]
    [InlineData("hpet")]
    [InlineData("acpi_pm")]
    [InlineData("jiffies")]
    public void Other_clocks_are_a_warning_that_names_the_choice(string clock)
    {
        EnvironmentCheck check = ClockSourceCheck.Judge(clock, $"tsc {clock}");
        Assert.Equal(CheckStatus.Warning, check.Status);
        Assert.Contains($"This machine has: tsc {clock}.", check.Finding, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void No_clock_is_unknown(string? clock) => Assert.Equal(CheckStatus.Unknown, ClockSourceCheck.Judge(clock, null).Status);
}
