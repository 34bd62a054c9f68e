using System.Globalization;
using PerfRing.Abi;

namespace PerfRing;

/// <summary>The capabilities that count for perf events and BPF, from the text of proc_pid_status(5).</summary>
/// <remarks>The user id says nothing: root in a container often lacks them, and a service may have them without being
/// root. Nor do capabilities in a user namespace: perf and BPF ask for those of the first one.</remarks>
internal sealed class ProcessRights
{
    private const string EffectiveSet = "CapEff:";

    private readonly ulong _effective;

    private ProcessRights(ulong effective, bool isConfined)
    {
        _effective = effective;
        IsConfined = isConfined;
    }

    /// <summary>Whether the process lives in a user namespace, where its capabilities do not count.</summary>
    internal bool IsConfined { get; }

    /// <summary>CAP_PERFMON, or what the kernel takes for it.</summary>
    internal bool PerformanceMonitoring => Has(Capability.PerformanceMonitoring) || Has(Capability.SystemAdministration);

    /// <summary>CAP_BPF, or what the kernel takes for it.</summary>
    internal bool Bpf => Has(Capability.Bpf) || Has(Capability.SystemAdministration);

    /// <summary>CAP_IPC_LOCK, which nothing stands in for.</summary>
    internal bool IpcLock => Has(Capability.IpcLock);

    /// <summary>Whether one of <see cref="Capability"/> is in the effective set, and counts.</summary>
    internal bool Has(int capability) => !IsConfined && (_effective >> capability & 1) != 0;

    internal static ProcessRights? Read(KernelFiles files) =>
        files.Read(KernelFiles.Status) is { } status ? Parse(status, files.Read(KernelFiles.UserIds)) : null;

    /// <param name="status">The text of /proc/self/status.</param>
    /// <param name="userIds">The text of /proc/self/uid_map, see user_namespaces(7); null on kernels without.</param>
    /// <returns>Null for a text without the effective set.</returns>
    internal static ProcessRights? Parse(string status, string? userIds)
    {
        foreach (string line in status.Split('\n'))
        {
            if (line.StartsWith(EffectiveSet, StringComparison.Ordinal)
                && ulong.TryParse(
                    line.AsSpan(EffectiveSet.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                    out ulong effective))
            {
                return new ProcessRights(effective, userIds is not null && !MapsEveryIdToItself(userIds));
            }
        }

        return null;
    }

    /// <summary>The first namespace maps all ids to themselves, and that is how a process knows it.</summary>
    private static bool MapsEveryIdToItself(string userIds) =>
        userIds.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is ["0", "0", "4294967295"];
}
