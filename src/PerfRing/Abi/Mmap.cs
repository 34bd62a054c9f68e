namespace PerfRing.Abi;

/// <summary>Constants of <c>sys/mman.h</c>.</summary>
internal static class Mmap
{
    internal const int ProtectionNone = 0;
    internal const int ProtectionRead = 1;
    internal const int ProtectionWrite = 2;
    internal const int Shared = 0x01;
    internal const int Private = 0x02;
    internal const int Fixed = 0x10;
    internal const int Anonymous = 0x20;
    internal const int NoReserve = 0x4000;
}
