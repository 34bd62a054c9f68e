namespace PerfRing.Tests.Diagnostics;

public class CapabilityChecksTests
{
    [Fact]
    public void Held_capabilities_pass()
    {
        ProcessRights own = Rights.All;
        Assert.Equal(EnvironmentCheck.Passed("cap-perfmon", "Held."), CapabilityChecks.Perfmon(own, 2));
        Assert.Equal(EnvironmentCheck.Passed("cap-bpf", "Held."), CapabilityChecks.Bpf(own));
        Assert.Equal(CheckStatus.Passed, CapabilityChecks.IpcLock(own).Status);
    }

    [Fact]
    public void What_stands_in_for_a_capability_is_named()
    {
        ProcessRights administration = Rights.Of(Rights.SystemAdministration);
        Assert.Contains("CAP_SYS_ADMIN", CapabilityChecks.Perfmon(administration, 2).Finding, StringComparison.Ordinal);
        Assert.Contains("CAP_SYS_ADMIN", CapabilityChecks.Bpf(administration).Finding, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Warning, CapabilityChecks.IpcLock(administration).Status);
    }

    [Theory]
    [InlineData(-1L, CheckStatus.Passed)]
    [InlineData(0L, CheckStatus.Warning)]
    [InlineData(1L, CheckStatus.Failed)]
    [InlineData(2L, CheckStatus.Failed)]
    [InlineData(4L, CheckStatus.Failed)]
    [InlineData(null, CheckStatus.Failed)]
    public void How_bad_a_missing_CAP_PERFMON_is_depends_on_perf_event_paranoid(long? paranoid, CheckStatus expected)
    {
        EnvironmentCheck check = CapabilityChecks.Perfmon(Rights.None, paranoid);
        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == CheckStatus.Failed, check.Remedy is not null);
    }

    [Fact]
    public void A_missing_CAP_BPF_is_a_failure_with_a_remedy()
    {
        EnvironmentCheck check = CapabilityChecks.Bpf(Rights.None);
        Assert.Equal(CheckStatus.Failed, check.Status);
        Assert.StartsWith("Run as root, or with CAP_BPF", check.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_user_namespace_the_remedy_leads_out_of_it()
    {
        ProcessRights confined = ProcessRights.Parse(Rights.Status(Rights.PerformanceMonitoring), "0 1000 1")!;
        EnvironmentCheck check = CapabilityChecks.Perfmon(confined, 2);
        Assert.Equal(CheckStatus.Failed, check.Status);
        Assert.Contains("user namespace", check.Finding, StringComparison.Ordinal);
        Assert.Contains("outside of the user namespace", check.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_rights_are_unknown_checks() => Assert.All(
        [CapabilityChecks.Perfmon(null, 2), CapabilityChecks.Bpf(null), CapabilityChecks.IpcLock(null)],
        check => Assert.Equal(CheckStatus.Unknown, check.Status));
}
