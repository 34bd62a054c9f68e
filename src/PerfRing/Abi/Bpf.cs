namespace PerfRing.Abi;

/// <summary>Constants of <c>linux/bpf.h</c>.</summary>
internal static class Bpf
{
    internal const int MapLookupElement = 1;
    internal const int MapUpdateElement = 2;
    internal const int MapDeleteElement = 3;
    internal const int ObjectPin = 6;
    internal const int ObjectGet = 7;
    internal const int MapGetFdById = 14;
    internal const int ObjectGetInfoByFd = 15;

    /// <summary>BPF_MAP_TYPE_PERF_EVENT_ARRAY.</summary>
    internal const uint MapTypePerfEventArray = 4;
}
