using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>The clock of <see cref="Record.Time"/>, in nanoseconds (clock_gettime(2), attr.clockid).</summary>
[SuppressMessage("Design", "CA1027:Mark enums with FlagsAttribute", Justification = "Clock ids of the kernel, not bits.")]
public enum EventClock
{
    /// <summary>Wall clock; jumps when it is set. Not readable in an NMI: hardware events and tracepoints refuse it.</summary>
    Realtime = 0,

    /// <summary>CLOCK_MONOTONIC, the one that BPF programs stamp with (bpf_ktime_get_ns) and <see
    /// cref="System.Diagnostics.Stopwatch"/> shows.</summary>
    Monotonic = 1,

    /// <summary>CLOCK_MONOTONIC_RAW: not steered by NTP.</summary>
    MonotonicRaw = 4,

    /// <summary>CLOCK_BOOTTIME: goes on while the machine is suspended. Not readable in an NMI: hardware events and tracepoints
    /// refuse it.</summary>
    Boottime = 7,

    /// <summary>CLOCK_TAI: wall clock without leap seconds. Not readable in an NMI: hardware events and tracepoints refuse it.</summary>
    Tai = 11,
}
