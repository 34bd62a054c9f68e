using PerfRing.Interop;

namespace PerfRing.Tests.Diagnostics;

public class BpfMapChecksTests
{
    [Theory]
    [InlineData(0, CheckStatus.Passed)]
    [InlineData(Errno.EPERM, CheckStatus.Failed)]
    [InlineData(Errno.EINVAL, CheckStatus.Failed)]
    [InlineData(Errno.ENOSYS, CheckStatus.Failed)]
    [InlineData(Errno.ENOMEM, CheckStatus.Unknown)]
    public void Maps_that_readers_are_made_for_fail_where_they_are_not_there(int errno, CheckStatus expected) => Assert.All(
        [BpfMapChecks.PerfEventArray(-errno, Rights.None), BpfMapChecks.RingBuffer(-errno, Rights.None)],
        check =>
        {
            Assert.Equal(expected, check.Status);
            Assert.Equal(expected == CheckStatus.Failed, check.Remedy is not null);
        });

    [Theory]
    [InlineData(0, CheckStatus.Passed)]
    [InlineData(Errno.EINVAL, CheckStatus.Warning)]
    [InlineData(Errno.EPERM, CheckStatus.Unknown)]
    [InlineData(Errno.ENOSYS, CheckStatus.Unknown)]
    public void Maps_that_some_want_never_fail(int errno, CheckStatus expected) => Assert.All(
        [BpfMapChecks.UserRingBuffer(-errno), BpfMapChecks.OverwritingRing(-errno)],
        check => Assert.Equal((expected, (string?)null), (check.Status, check.Remedy)));

    [Fact]
    public void A_refusal_asks_for_the_capability_only_of_those_who_lack_it()
    {
        Assert.Equal("Run as root, or with CAP_BPF.", BpfMapChecks.RingBuffer(-Errno.EPERM, Rights.None).Remedy);
        Assert.Contains(
            "seccomp profile", BpfMapChecks.RingBuffer(-Errno.EPERM, Rights.Of(Rights.Bpf)).Remedy, StringComparison.Ordinal);
    }
}
