namespace PerfRing.Interop;

/// <summary>The exports of the native shim, one file of this class for each of its C files. Each returns 0 or -errno.</summary>
internal static partial class Shim
{
    internal const string Library = "perfring_shim";
}
