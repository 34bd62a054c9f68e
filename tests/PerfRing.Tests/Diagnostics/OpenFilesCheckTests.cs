namespace PerfRing.Tests.Diagnostics;

public class OpenFilesCheckTests
{
    [Fact]
    public void The_figures_are_added_up()
    {
        EnvironmentCheck check = OpenFilesCheck.Judge(online: 8, limit: 1024, open: 20);
        Assert.Equal(CheckStatus.Passed, check.Status);
        Assert.Equal(
            "RLIMIT_NOFILE is 1024; needed 62: 8 CPUs x 1 event + 2 of the reader + 20 open now + 32 in reserve.", check.Finding);
    }

    [Fact]
    public void Fewer_than_one_event_on_each_cpu_is_a_failure_with_the_figure_that_helps()
    {
        EnvironmentCheck check = OpenFilesCheck.Judge(online: 1024, limit: 1024, open: 20);
        Assert.Equal(CheckStatus.Failed, check.Status);
        Assert.Contains("1078", check.Remedy, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Warning, OpenFilesCheck.Judge(online: 1024, limit: 1078, open: 20).Status);
        Assert.Equal(CheckStatus.Failed, OpenFilesCheck.Judge(online: 1024, limit: 1077, open: 20).Status);
    }

    [Fact]
    public void Room_for_a_few_events_only_is_a_warning()
    {
        EnvironmentCheck check = OpenFilesCheck.Judge(online: 256, limit: 1024, open: 20);
        Assert.Equal(CheckStatus.Warning, check.Status);
        Assert.EndsWith("; 3 events at once are the most.", check.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public void No_limit_is_no_limit() =>
        Assert.Equal(CheckStatus.Passed, OpenFilesCheck.Judge(4096, ResourceLimit.Unlimited, null).Status);

    [Fact]
    public void Unknown_figures_are_unknown() => Assert.All(
        [OpenFilesCheck.Judge(null, 1024, 20), OpenFilesCheck.Judge(4, null, 20)],
        check => Assert.Equal(CheckStatus.Unknown, check.Status));
}
