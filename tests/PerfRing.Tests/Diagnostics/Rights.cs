using System.Globalization;

namespace PerfRing.Tests.Diagnostics;

/// <summary>Sets of capabilities, by way of the text that the kernel would print of them.</summary>
internal static class Rights
{
    internal const int IpcLock = 14;
    internal const int SystemAdministration = 21;
    internal const int PerformanceMonitoring = 38;
    internal const int Bpf = 39;

    internal static ProcessRights None { get; } = Of();

    internal static ProcessRights All { get; } = Of(IpcLock, SystemAdministration, PerformanceMonitoring, Bpf);

    internal static ProcessRights Of(params int[] capabilities) => ProcessRights.Parse(Status(capabilities), null)!;

    internal static string Status(params int[] capabilities)
    {
        ulong set = capabilities.Aggregate(0UL, (bits, capability) => bits | 1UL << capability);
        return string.Create(CultureInfo.InvariantCulture, $"Name:\tapp\nCapInh:\t0\nCapEff:\t{set:x16}\nCapBnd:\tffffffffffffffff\n");
    }
}
