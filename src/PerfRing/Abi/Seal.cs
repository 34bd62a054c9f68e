namespace PerfRing.Abi;

/// <summary>What may no longer be done to a file of memory: the F_SEAL constants of <c>linux/fcntl.h</c>.</summary>
internal static class Seal
{
    internal const uint Sealing = 0x1;
    internal const uint Shrinking = 0x2;
    internal const uint Growing = 0x4;
}
