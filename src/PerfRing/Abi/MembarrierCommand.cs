namespace PerfRing.Abi;

/// <summary>Constants of <c>linux/membarrier.h</c>. A query returns those of the other commands that there are, or-ed.</summary>
internal static class MembarrierCommand
{
    internal const int Query = 0;
    internal const int Global = 1 << 0;
    internal const int GlobalExpedited = 1 << 1;
    internal const int RegisterGlobalExpedited = 1 << 2;
    internal const int PrivateExpedited = 1 << 3;
}
