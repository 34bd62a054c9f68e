namespace PerfRing.Abi;

/// <summary>Constants of <c>linux/bpf.h</c>.</summary>
internal static class Bpf
{
    internal const int MapCreate = 0;
    internal const int MapLookupElement = 1;
    internal const int MapUpdateElement = 2;
    internal const int MapDeleteElement = 3;
    internal const int ObjectPin = 6;
    internal const int ObjectGet = 7;
    internal const int MapGetNextId = 12;
    internal const int MapGetFdById = 14;
    internal const int ObjectGetInfoByFd = 15;

    /// <summary>BPF_MAP_TYPE_PERF_EVENT_ARRAY.</summary>
    internal const uint MapTypePerfEventArray = 4;

    /// <summary>BPF_MAP_TYPE_PERCPU_ARRAY.</summary>
    internal const uint MapTypePerCpuArray = 6;

    /// <summary>BPF_MAP_TYPE_ARRAY_OF_MAPS.</summary>
    internal const uint MapTypeArrayOfMaps = 12;

    /// <summary>BPF_MAP_TYPE_RINGBUF, since Linux 5.8.</summary>
    internal const uint MapTypeRingBuffer = 27;

    /// <summary>BPF_MAP_TYPE_USER_RINGBUF, since Linux 6.1.</summary>
    internal const uint MapTypeUserRingBuffer = 31;

    /// <summary>BPF_F_PRESERVE_ELEMS: slots stay filled when the file that filled them is closed.</summary>
    internal const uint MapFlagPreserveElements = 1 << 11;

    /// <summary>BPF_F_RB_OVERWRITE of a ring buffer, since Linux 6.19.</summary>
    internal const uint MapFlagOverwrite = 1 << 19;
}
