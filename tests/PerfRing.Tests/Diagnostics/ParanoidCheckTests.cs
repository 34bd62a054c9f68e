namespace PerfRing.Tests.Diagnostics;

public class ParanoidCheckTests
{
    [Theory]
    [InlineData(-1, CheckStatus.Passed)]
    [InlineData(0, CheckStatus.Warning)]
    [InlineData(1, CheckStatus.Warning)]
    [InlineData(2, CheckStatus.Warning)]
    [InlineData(3, CheckStatus.Failed)]
    [InlineData(4, CheckStatus.Failed)]
    public void Without_rights_the_level_decides(int level, CheckStatus expected)
    {
        EnvironmentCheck check = ParanoidCheck.Judge(level, Rights.None);
        Assert.Equal(expected, check.Status);
        Assert.StartsWith($"{level}:", check.Finding, StringComparison.Ordinal);
        Assert.Equal(expected == CheckStatus.Failed, check.Remedy is not null);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void With_CAP_PERFMON_every_level_passes(int level)
    {
        EnvironmentCheck check = ParanoidCheck.Judge(level, Rights.Of(Rights.PerformanceMonitoring));
        Assert.Equal(CheckStatus.Passed, check.Status);
        Assert.StartsWith($"{level},", check.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public void A_level_that_can_not_be_read_is_unknown()
    {
        EnvironmentCheck check = ParanoidCheck.Judge(null, Rights.All);
        Assert.Equal(CheckStatus.Unknown, check.Status);
        Assert.Contains("/proc/sys/kernel/perf_event_paranoid", check.Finding, StringComparison.Ordinal);
    }
}
