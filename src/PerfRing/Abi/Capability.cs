namespace PerfRing.Abi;

/// <summary>Constants of <c>linux/capability.h</c>: numbers of bits in a set of capabilities.</summary>
internal static class Capability
{
    /// <summary>CAP_IPC_LOCK.</summary>
    internal const int IpcLock = 14;

    /// <summary>CAP_SYS_ADMIN.</summary>
    internal const int SystemAdministration = 21;

    /// <summary>CAP_PERFMON, since Linux 5.8.</summary>
    internal const int PerformanceMonitoring = 38;

    /// <summary>CAP_BPF, since Linux 5.8.</summary>
    internal const int Bpf = 39;
}
