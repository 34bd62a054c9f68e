namespace PerfRing.Tests.Diagnostics;

public class RingMemoryCheckTests
{
    private const int Page = 4096;
    private const int DefaultBuffer = PerfEventReaderOptions.DefaultBufferSize;

    [Fact]
    public void The_default_buffer_fits_exactly_without_any_locked_memory_of_the_process() =>
        Assert.Equal(CheckStatus.Passed, Judge(DefaultBuffer, lockedLimit: 0).Status);

    [Fact]
    public void One_page_less_and_it_does_not_fit()
    {
        EnvironmentCheck check = Judge(DefaultBuffer, lockedPerCpu: 512, lockedLimit: 0);
        Assert.Equal(CheckStatus.Failed, check.Status);
        Assert.Contains("perf_event_mlock_kb 512 x 4", check.Finding, StringComparison.Ordinal);
        Assert.Contains("2064 KiB", check.Finding, StringComparison.Ordinal);
        Assert.Contains("perf_event_mlock_kb=516", check.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(512, 0, 4096)]
    [InlineData(516, 65_536, 4096)]
    [InlineData(516, 64 * 1024, 65_536)]
    [InlineData(0, 1, 16_384)]
    public void The_remedy_is_enough(long lockedPerCpu, long lockedLimit, int page)
    {
        const int buffer = 1 << 20;
        EnvironmentCheck failed = Judge(buffer, lockedPerCpu, lockedLimit, page: page);
        string figure = failed.Remedy!.Split('=', ' ')[2];
        Assert.Equal(CheckStatus.Passed, Judge(buffer, long.Parse(figure, null), lockedLimit, page: page).Status);
    }

    [Fact]
    public void Locked_memory_of_the_process_makes_up_for_the_rest() =>
        Assert.Equal(CheckStatus.Passed, Judge(1 << 20, lockedLimit: 8 << 20).Status);

    [Fact]
    public void On_large_pages_the_default_buffer_needs_more_than_its_share() =>
        Assert.Equal(CheckStatus.Failed, Judge(DefaultBuffer, lockedLimit: 0, page: 65_536).Status);

    [Fact]
    public void Parts_of_a_page_are_worth_nothing()
    {
        const int page = 65_536;
        const int fits = 8 * 65_536 - page;
        Assert.Equal(CheckStatus.Passed, Judge(fits, lockedLimit: 0, page: page).Status);
        Assert.Equal(CheckStatus.Failed, Judge(fits + 4096, lockedLimit: 4 * 4096, page: page).Status);
    }

    [Fact]
    public void No_limit_is_no_limit()
    {
        EnvironmentCheck check = Judge(1 << 30, lockedLimit: ResourceLimit.Unlimited);
        Assert.Equal(CheckStatus.Passed, check.Status);
        Assert.Contains("RLIMIT_MEMLOCK unlimited", check.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public void CAP_IPC_LOCK_lifts_the_limit() =>
        Assert.Equal(CheckStatus.Passed, Judge(1 << 30, lockedLimit: 0, rights: Rights.Of(Rights.IpcLock)).Status);

    [Fact]
    public void A_kernel_that_is_not_paranoid_lifts_the_limit() =>
        Assert.Equal(CheckStatus.Passed, Judge(1 << 30, lockedLimit: 0, paranoid: -1).Status);

    [Fact]
    public void Unknown_figures_are_named() => Assert.All(
        [
            (Judge(DefaultBuffer, online: null), "/sys/devices/system/cpu/online"),
            (Judge(DefaultBuffer, lockedPerCpu: null), "/proc/sys/kernel/perf_event_mlock_kb"),
            (Judge(DefaultBuffer, lockedLimit: null), "/proc/self/limits"),
        ],
        unknown =>
        {
            Assert.Equal(CheckStatus.Unknown, unknown.Item1.Status);
            Assert.Contains(unknown.Item2, unknown.Item1.Finding, StringComparison.Ordinal);
        });

    private static EnvironmentCheck Judge(
        int bufferSize, long? lockedPerCpu = 516, long? lockedLimit = 65_536, int? online = 4, int page = Page,
        long paranoid = 2, ProcessRights? rights = null) =>
        RingMemoryCheck.Judge(bufferSize, page, online, lockedPerCpu, lockedLimit, paranoid, rights ?? Rights.None);
}
