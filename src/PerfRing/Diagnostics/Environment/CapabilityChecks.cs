using PerfRing.Abi;

namespace PerfRing;

/// <summary>The capabilities, one check each.</summary>
internal static class CapabilityChecks
{
    internal const string PerfmonName = "cap-perfmon";
    internal const string BpfName = "cap-bpf";
    internal const string IpcLockName = "cap-ipc-lock";

    internal static EnvironmentCheck Perfmon(ProcessRights? rights, long? paranoid)
    {
        if (rights is null)
            return EnvironmentCheck.Unreadable(PerfmonName, KernelFiles.Status);

        if (rights.PerformanceMonitoring)
            return EnvironmentCheck.Passed(PerfmonName, Held(rights, Capability.PerformanceMonitoring));

        string missing = Missing(rights);
        return paranoid switch
        {
            <= -1 => EnvironmentCheck.Passed(PerfmonName, $"{missing}; not needed while kernel.perf_event_paranoid is {paranoid}."),
            0 => EnvironmentCheck.Warning(PerfmonName, $"{missing}: payloads of tracepoints need it while "
                + "kernel.perf_event_paranoid is 0."),
            _ => EnvironmentCheck.Failed(PerfmonName, $"{missing}: events of a whole CPU need it.", Grant(rights, "CAP_PERFMON")),
        };
    }

    internal static EnvironmentCheck Bpf(ProcessRights? rights)
    {
        if (rights is null)
            return EnvironmentCheck.Unreadable(BpfName, KernelFiles.Status);

        return rights.Bpf
            ? EnvironmentCheck.Passed(BpfName, Held(rights, Capability.Bpf))
            : EnvironmentCheck.Failed(
                BpfName, $"{Missing(rights)}: opening and filling BPF maps needs it.", Grant(rights, "CAP_BPF"));
    }

    /// <summary>Never a failure by itself: whether rings fit without it is what <see cref="RingMemoryCheck"/> adds up.</summary>
    internal static EnvironmentCheck IpcLock(ProcessRights? rights)
    {
        if (rights is null)
            return EnvironmentCheck.Unreadable(IpcLockName, KernelFiles.Status);

        return rights.IpcLock
            ? EnvironmentCheck.Passed(IpcLockName, "Held: rings may be of any size.")
            : EnvironmentCheck.Warning(IpcLockName, $"{Missing(rights)}: rings have to fit the budget of {RingMemoryCheck.Name}.");
    }

    private static string Held(ProcessRights rights, int capability) =>
        rights.Has(capability) ? "Held." : "Not held, and not needed with CAP_SYS_ADMIN.";

    private static string Missing(ProcessRights rights) => rights.IsConfined
        ? "Not held: the process is in a user namespace, whose capabilities the kernel does not count here"
        : "Not held";

    private static string Grant(ProcessRights rights, string capability) => rights.IsConfined
        ? $"Run outside of the user namespace, as root or with {capability}."
        : $"Run as root, or with {capability}: --cap-add of a container, AmbientCapabilities= of systemd, or setcap.";
}
