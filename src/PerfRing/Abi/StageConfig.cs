using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary><c>struct perfring_stage_config</c> of the shim: what the staging thread is started with.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StageConfig
{
    internal uint Size;
    internal uint RingCount;
    internal uint WatchCount;
    internal uint MaskLength;

    /// <summary>Addresses of as many <see cref="StageRing"/>, <see cref="StageWatch"/> and bytes of mask.</summary>
    internal ulong Rings;
    internal ulong Watches;
    internal ulong Mask;

    /// <summary>Nanoseconds; negative for no bound.</summary>
    internal long LongestDelay;
}
