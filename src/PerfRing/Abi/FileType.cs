namespace PerfRing.Abi;

/// <summary>What st_mode says of a file, <c>linux/stat.h</c>.</summary>
internal static class FileType
{
    internal const uint Mask = 0xf000;
    internal const uint Regular = 0x8000;
}
