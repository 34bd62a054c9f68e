using PerfRing.Interop;

namespace PerfRing.Tests.Diagnostics;

public class SystemCallChecksTests
{
    [Theory]
    [InlineData(0, CheckStatus.Passed)]
    [InlineData(Errno.ENOSYS, CheckStatus.Warning)]
    [InlineData(Errno.EPERM, CheckStatus.Warning)]
    [InlineData(Errno.EMFILE, CheckStatus.Unknown)]
    public void Waits_fall_back_where_the_call_is_not_there(int errno, CheckStatus expected) =>
        Assert.Equal(expected, SystemCallChecks.EpollPwait2(-errno).Status);

    [Fact]
    public void The_commands_of_membarrier_are_listed()
    {
        EnvironmentCheck check = SystemCallChecks.MemoryBarrier(0, 0x19);
        Assert.Equal(CheckStatus.Passed, check.Status);
        Assert.Equal("Commands 0x19: GLOBAL yes, PRIVATE_EXPEDITED yes, GLOBAL_EXPEDITED no.", check.Finding);
    }

    [Theory]
    [InlineData(0, 0x1e)]
    [InlineData(Errno.ENOSYS, 0)]
    [InlineData(Errno.EPERM, 0)]
    public void Without_the_global_barrier_pausing_takes_another_way(int errno, int commands)
    {
        EnvironmentCheck check = SystemCallChecks.MemoryBarrier(-errno, commands);
        Assert.Equal(CheckStatus.Warning, check.Status);
        Assert.Contains("visits every CPU instead", check.Finding, StringComparison.Ordinal);
    }
}
