namespace PerfRing.Tests.Diagnostics;

public class ProcessRightsTests
{
    [Theory]
    [InlineData(Rights.PerformanceMonitoring, true, false, false)]
    [InlineData(Rights.Bpf, false, true, false)]
    [InlineData(Rights.IpcLock, false, false, true)]
    [InlineData(Rights.SystemAdministration, true, true, false)]
    [InlineData(0, false, false, false)]
    public void Each_capability_gives_what_the_kernel_takes_it_for(int capability, bool perfmon, bool bpf, bool ipcLock)
    {
        ProcessRights rights = Rights.Of(capability);
        Assert.Equal((perfmon, bpf, ipcLock), (rights.PerformanceMonitoring, rights.Bpf, rights.IpcLock));
    }

    [Theory]
    [InlineData("0 1000 1\n")]
    [InlineData("         0     100000      65536\n")]
    [InlineData("0 0 1000\n1000 1000 4294966295\n")]
    public void Capabilities_in_a_user_namespace_do_not_count(string userIds)
    {
        ProcessRights rights = ProcessRights.Parse(Rights.Status(Rights.PerformanceMonitoring, Rights.IpcLock), userIds)!;
        Assert.True(rights.IsConfined);
        Assert.Equal((false, false), (rights.PerformanceMonitoring, rights.IpcLock));
    }

    [Fact]
    public void The_first_user_namespace_confines_nobody() =>
        Assert.False(ProcessRights.Parse(Rights.Status(), "         0          0 4294967295\n")!.IsConfined);

    [Theory]
    [InlineData("")]
    [InlineData("CapPrm:\t0000000000000000\n")]
    [InlineData("CapEff:\tmany\n")]
    public void A_text_without_the_effective_set_tells_nothing(string status) => Assert.Null(ProcessRights.Parse(status, null));
}
