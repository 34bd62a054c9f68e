using PerfRing.Interop;

namespace PerfRing;

/// <summary>What perf_event_open(2) answered to each <see cref="PerfEventProbe"/>, as a check.</summary>
internal static class PerfEventChecks
{
    internal const string WholeCpuName = "whole-cpu-events";
    internal const string OwnProcessName = "own-process-events";
    internal const string TracepointName = "tracepoint-events";
    internal const string LostCountsName = "lost-counts";

    /// <param name="result">0 or -errno.</param>
    /// <param name="rights">The capabilities; null where they are unknown.</param>
    internal static EnvironmentCheck WholeCpu(int result, ProcessRights? rights) => result switch
    {
        0 => EnvironmentCheck.Passed(WholeCpuName, "An event of everything that runs on a CPU opens."),
        -Errno.EACCES or -Errno.EPERM => Refused(WholeCpuName, result, rights,
            "Run as root, or with CAP_PERFMON."),
        _ => Other(WholeCpuName, result),
    };

    internal static EnvironmentCheck OwnProcess(int result, ProcessRights? rights) => result switch
    {
        0 => EnvironmentCheck.Passed(OwnProcessName, "An event of this process, in user space, opens."),
        -Errno.EACCES or -Errno.EPERM => Refused(OwnProcessName, result, rights,
            "sysctl kernel.perf_event_paranoid=2, and let the container's seccomp profile allow perf_event_open."),
        _ => Other(OwnProcessName, result),
    };

    /// <param name="result">0 or -errno; null where tracefs did not tell a tracepoint's number.</param>
    /// <param name="rights">The capabilities; null where they are unknown.</param>
    internal static EnvironmentCheck Tracepoint(int? result, ProcessRights? rights) => result switch
    {
        null => EnvironmentCheck.Unknown(
            TracepointName, $"Not tried: the number of {KernelAnswers.TriedTracepoint} is not to be read, see {FileSystemChecks.TracingName}."),
        0 => EnvironmentCheck.Passed(TracepointName, $"{KernelAnswers.TriedTracepoint} opens on a whole CPU, with its payload."),
        -Errno.EACCES or -Errno.EPERM => Refused(TracepointName, result.Value, rights,
            "Run as root, or with CAP_PERFMON."),
        _ => Other(TracepointName, result.Value),
    };

    internal static EnvironmentCheck LostCounts(int result) => result switch
    {
        0 => EnvironmentCheck.Passed(LostCountsName, "PERF_FORMAT_LOST is there: losses are counted exactly."),
        -Errno.EINVAL => EnvironmentCheck.Warning(
            LostCountsName, "PERF_FORMAT_LOST is not there (EINVAL): losses are noticed, their number stays unknown."),
        _ => EnvironmentCheck.Unknown(LostCountsName, $"The event to try it with does not open ({Errno.Name(-result)})."),
    };

    private static EnvironmentCheck Refused(string name, int result, ProcessRights? rights, string remedy) =>
        rights is { PerformanceMonitoring: true }
            ? EnvironmentCheck.Failed(
                name, $"perf_event_open: {Errno.Name(-result)}, although CAP_PERFMON is held: a seccomp filter or a security "
                + "module refuses.", "Allow perf_event_open in the seccomp profile of the container or service.")
            : EnvironmentCheck.Failed(name, $"perf_event_open: {Errno.Name(-result)}.", remedy);

    private static EnvironmentCheck Other(string name, int result) => -result switch
    {
        Errno.ENOSYS => EnvironmentCheck.Failed(
            name, "perf_event_open: ENOSYS: a kernel without CONFIG_PERF_EVENTS, or a seccomp filter that hides the call.",
            "Allow perf_event_open in the seccomp profile, or boot a kernel that has it."),
        Errno.EMFILE or Errno.ENFILE => EnvironmentCheck.Failed(
            name, $"perf_event_open: {Errno.Name(-result)}: no descriptor is left to try with.",
            $"Raise the limit that {OpenFilesCheck.Name} shows."),
        int errno => EnvironmentCheck.Unknown(name, $"perf_event_open: {Errno.Name(errno)}, which says nothing about rights."),
    };
}
