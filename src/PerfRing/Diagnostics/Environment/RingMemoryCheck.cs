using System.Globalization;

namespace PerfRing;

/// <summary>Whether the rings of a reader over all CPUs fit into the memory that its user may lock.</summary>
/// <remarks>perf_mmap in the kernel's kernel/events/core.c: each user has perf_event_mlock_kb for each CPU that is online,
/// what is beyond counts against RLIMIT_MEMLOCK; CAP_IPC_LOCK and a perf_event_paranoid of -1 lift both.</remarks>
internal static class RingMemoryCheck
{
    internal const string Name = "mlock-budget";

    private const long Kibi = 1024;

    /// <param name="bufferSize">Bytes for records, in each ring.</param>
    /// <param name="pageSize">Bytes of a page: each ring has one more for its positions.</param>
    /// <param name="online">The number of CPUs, each of which gets a ring.</param>
    /// <param name="lockedPerCpu">kernel.perf_event_mlock_kb, in KiB.</param>
    /// <param name="lockedLimit">RLIMIT_MEMLOCK, in bytes.</param>
    /// <param name="paranoid">kernel.perf_event_paranoid.</param>
    /// <param name="rights">The capabilities.</param>
    internal static EnvironmentCheck Judge(
        int bufferSize, int pageSize, int? online, long? lockedPerCpu, long? lockedLimit, long? paranoid, ProcessRights? rights)
    {
        if (online is not { } cpus)
            return EnvironmentCheck.Unreadable(Name, KernelFiles.Cpus + "/online");

        long need = cpus * ((long)bufferSize + pageSize);
        string needed = $"{cpus} {(cpus == 1 ? "ring" : "rings")} of {Text(bufferSize)} and a page each need {Text(need)}";
        if (rights is { IpcLock: true })
            return EnvironmentCheck.Passed(Name, $"{needed}; CAP_IPC_LOCK lifts the limit.");

        if (paranoid is < 0)
            return EnvironmentCheck.Passed(Name, $"{needed}; kernel.perf_event_paranoid of {paranoid} lifts the limit.");

        if (lockedPerCpu is not { } perCpu)
            return EnvironmentCheck.Unreadable(Name, KernelFiles.LockedPerCpu);

        if (lockedLimit is not { } limit)
            return EnvironmentCheck.Unreadable(Name, KernelFiles.Limits);

        // The kernel counts whole pages: of 516 KiB a CPU, 512 are left where a page has 64.
        long shared = perCpu * Kibi / pageSize * pageSize * cpus;
        string budget = $"perf_event_mlock_kb {perCpu} x {cpus} + RLIMIT_MEMLOCK {Text(limit)}";
        if (need - shared <= limit / pageSize * pageSize)
            return EnvironmentCheck.Passed(Name, $"{needed}; this user may lock {budget}, with all its other rings.");

        long each = (need - limit / pageSize * pageSize + cpus - 1) / cpus;
        long enough = (each + pageSize - 1) / pageSize * (pageSize / Kibi);
        return EnvironmentCheck.Failed(
            Name, $"{needed}; this user may lock only {budget}.",
            $"sysctl kernel.perf_event_mlock_kb={enough} makes room for them.");
    }

    private static string Text(long bytes) => bytes == ResourceLimit.Unlimited
        ? "unlimited"
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / Kibi} KiB");
}
