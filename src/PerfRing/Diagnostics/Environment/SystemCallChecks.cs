using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>System calls that readers prefer to have, as checks. None of them stops a reader.</summary>
internal static class SystemCallChecks
{
    internal const string EpollName = "epoll-pwait2";
    internal const string MembarrierName = "membarrier";

    private const string WithoutGlobal = "pausing an overwriting ring visits every CPU instead, to wait for those who still write";

    internal static EnvironmentCheck EpollPwait2(int result) => -result switch
    {
        0 => EnvironmentCheck.Passed(EpollName, "Waits are timed to the nanosecond."),
        Errno.ENOSYS or Errno.EPERM => EnvironmentCheck.Warning(
            EpollName, $"{Errno.Name(-result)}: older than Linux 5.11, or a seccomp filter; waits last whole milliseconds, rounded up."),
        int errno => EnvironmentCheck.Unknown(EpollName, $"epoll_pwait2: {Errno.Name(errno)}."),
    };

    /// <param name="result">0 or -errno.</param>
    /// <param name="commands">What the query returned: the commands that there are, or-ed together.</param>
    internal static EnvironmentCheck MemoryBarrier(int result, int commands)
    {
        if (result != 0)
        {
            return EnvironmentCheck.Warning(
                MembarrierName, $"membarrier(MEMBARRIER_CMD_QUERY): {Errno.Name(-result)}: {WithoutGlobal}.");
        }

        string finding = $"Commands 0x{commands:x}: GLOBAL {Has(MembarrierCommand.Global)}, PRIVATE_EXPEDITED "
            + $"{Has(MembarrierCommand.PrivateExpedited)}, GLOBAL_EXPEDITED {Has(MembarrierCommand.GlobalExpedited)}";

        // A kernel booted with nohz_full= leaves it out: it can't interrupt those CPUs.
        return (commands & MembarrierCommand.Global) != 0
            ? EnvironmentCheck.Passed(MembarrierName, finding + ".")
            : EnvironmentCheck.Warning(MembarrierName, $"{finding}: {WithoutGlobal}.");

        string Has(int command) => (commands & command) != 0 ? "yes" : "no";
    }
}
