using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>What a record of a ring is.</summary>
/// <remarks>Values other than <see cref="Gap"/> and <see cref="Outage"/> are those of <c>enum perf_event_type</c> in linux/perf_event.h; a kernel may
/// send kinds that are not named here, and they are delivered all the same.</remarks>
[SuppressMessage("Design", "CA1008:Enums should have zero value", Justification = "The kernel has no type 0.")]
[SuppressMessage("Design", "CA1028:Enum storage should be Int32", Justification = "The width of perf_event_header.type.")]
public enum RecordKind : uint
{
    /// <summary>An executable mapping was made.</summary>
    Mmap = 1,

    /// <summary>The kernel had no room for <see cref="Record.LostCount"/> records before this place. Written when the next
    /// record fits; its event id is that of the next writer, not of the event that lost.</summary>
    Lost = 2,

    /// <summary>A thread changed its name.</summary>
    Comm = 3,

    /// <summary>A thread ended.</summary>
    Exit = 4,

    /// <summary>The kernel stopped an event that came too often.</summary>
    Throttle = 5,

    /// <summary>The kernel resumed a throttled event.</summary>
    Unthrottle = 6,

    /// <summary>A thread was created.</summary>
    Fork = 7,

    /// <summary>A counter's value.</summary>
    Read = 8,

    /// <summary>One occurrence of an event, or what a BPF program wrote. The only kind with a <see cref="Record.Payload"/>.</summary>
    Sample = 9,

    /// <summary>Hardware dropped <see cref="Record.LostCount"/> samples before the kernel saw them.</summary>
    LostSamples = 13,

    /// <summary>Made by PerfRing: the ring's CPU was offline. What lies before this record in the ring was written before
    /// <see cref="CpuOutage.Begin"/> of <see cref="Record.Outage"/>, what lies behind it after <see cref="CpuOutage.End"/>.
    /// It takes no room in the ring.</summary>
    Outage = 0xFFFF_FFFE,

    /// <summary>Made by PerfRing: the ring held bytes that can't be records, from here to the position where reading goes on.
    /// An unknown number of records is lost; <see cref="Record.SkippedBytes"/> says how many bytes.</summary>
    Gap = 0xFFFF_FFFF,
}
