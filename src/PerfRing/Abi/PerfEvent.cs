namespace PerfRing.Abi;

/// <summary>Constants of <c>linux/perf_event.h</c>.</summary>
internal static class PerfEvent
{
    internal const uint TypeHardware = 0;
    internal const uint TypeSoftware = 1;
    internal const uint TypeTracepoint = 2;

    /// <summary>PERF_COUNT_SW_DUMMY.</summary>
    internal const ulong SoftwareDummy = 9;

    /// <summary>PERF_COUNT_SW_BPF_OUTPUT.</summary>
    internal const ulong SoftwareBpfOutput = 10;

    internal const ulong FormatTotalTimeEnabled = 1 << 0;
    internal const ulong FormatTotalTimeRunning = 1 << 1;
    internal const ulong FormatId = 1 << 2;

    /// <summary>PERF_FORMAT_LOST, since Linux 6.0.</summary>
    internal const ulong FormatLost = 1 << 4;

    /// <summary>PERF_FLAG_FD_CLOEXEC.</summary>
    internal const ulong FlagCloseOnExec = 1 << 3;

    internal const uint RecordLost = 2;
    internal const uint RecordSample = 9;
    internal const uint RecordLostSamples = 13;

    /// <summary>PERF_SAMPLE_MAX_STACK's default ceiling, kernel.perf_event_max_stack.</summary>
    internal const int DefaultMaxStack = 127;
}
