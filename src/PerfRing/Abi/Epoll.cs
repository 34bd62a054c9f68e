namespace PerfRing.Abi;

/// <summary>Constants of <c>sys/epoll.h</c>.</summary>
internal static class Epoll
{
    internal const uint In = 0x001;
    internal const uint Out = 0x004;
    internal const uint Error = 0x008;
    internal const uint HangUp = 0x010;
    internal const uint EdgeTriggered = 1u << 31;
}
