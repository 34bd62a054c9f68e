namespace PerfRing;

/// <summary>kernel.perf_event_paranoid, and what it leaves to this process.</summary>
internal static class ParanoidCheck
{
    internal const string Name = "perf-event-paranoid";

    internal static EnvironmentCheck Judge(long? paranoid, ProcessRights? rights)
    {
        if (paranoid is not { } level)
            return EnvironmentCheck.Unreadable(Name, KernelFiles.Paranoid);

        if (rights is { PerformanceMonitoring: true })
            return EnvironmentCheck.Passed(Name, $"{level}, which does not bind this process: it has CAP_PERFMON.");

        return level switch
        {
            < 0 => EnvironmentCheck.Passed(Name, $"{level}: everything is allowed to everybody, and rings may be of any size."),
            0 => EnvironmentCheck.Warning(Name, "0: events of whole CPUs are allowed, payloads of tracepoints are not."),
            1 => EnvironmentCheck.Warning(Name, "1: own processes are allowed, the kernel's part included; whole CPUs are not."),
            2 => EnvironmentCheck.Warning(Name, "2: own processes are allowed, in user space only; whole CPUs are not."),

            // Levels that Debian, Ubuntu and Android add.
            _ => EnvironmentCheck.Failed(
                Name, $"{level}: no perf event at all is allowed without CAP_PERFMON.",
                "sysctl kernel.perf_event_paranoid=2 allows own processes again."),
        };
    }
}
