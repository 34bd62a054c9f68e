using PerfRing.Interop;

namespace PerfRing.Tests.Diagnostics;

public class PerfEventChecksTests
{
    private static readonly Func<int, ProcessRights?, EnvironmentCheck>[] All =
    [
        PerfEventChecks.WholeCpu, PerfEventChecks.OwnProcess, (result, rights) => PerfEventChecks.Tracepoint(result, rights),
    ];

    [Theory]
    [InlineData(0, CheckStatus.Passed)]
    [InlineData(Errno.EACCES, CheckStatus.Failed)]
    [InlineData(Errno.EPERM, CheckStatus.Failed)]
    [InlineData(Errno.ENOSYS, CheckStatus.Failed)]
    [InlineData(Errno.EMFILE, CheckStatus.Failed)]
    [InlineData(Errno.ENODEV, CheckStatus.Unknown)]
    [InlineData(Errno.EINVAL, CheckStatus.Unknown)]
    public void The_answer_decides(int errno, CheckStatus expected) => Assert.All(All, judge =>
    {
        EnvironmentCheck check = judge(-errno, Rights.None);
        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == CheckStatus.Failed, check.Remedy is not null);
        if (errno != 0)
            Assert.Contains($"perf_event_open: {Errno.Name(errno)}", check.Finding, StringComparison.Ordinal);
    });

    [Fact]
    public void A_refusal_asks_for_the_capability_only_of_those_who_lack_it() => Assert.All(All, judge =>
    {
        Assert.DoesNotContain("seccomp filter", judge(-Errno.EACCES, Rights.None).Finding, StringComparison.Ordinal);
        EnvironmentCheck filtered = judge(-Errno.EPERM, Rights.Of(Rights.PerformanceMonitoring));
        Assert.Contains("although CAP_PERFMON is held", filtered.Finding, StringComparison.Ordinal);
        Assert.Contains("seccomp profile", filtered.Remedy, StringComparison.Ordinal);
    });

    [Fact]
    public void A_tracepoint_without_a_number_was_not_tried() =>
        Assert.Equal(CheckStatus.Unknown, PerfEventChecks.Tracepoint(null, Rights.All).Status);

    [Theory]
    [InlineData(0, CheckStatus.Passed)]
    [InlineData(Errno.EINVAL, CheckStatus.Warning)]
    [InlineData(Errno.EACCES, CheckStatus.Unknown)]
    public void Lost_counts_are_worth_a_warning_where_the_kernel_lacks_them(int errno, CheckStatus expected) =>
        Assert.Equal(expected, PerfEventChecks.LostCounts(-errno).Status);
}
