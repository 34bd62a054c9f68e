using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary>struct sched_attr of linux/sched/types.h, in its first version; see sched_setattr(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SchedAttr
{
    internal const uint Length = 48;

    internal const uint PolicyFifo = 1;
    internal const uint PolicyDeadline = 6;
    internal const ulong FlagResetOnFork = 1;

    internal uint Size;
    internal uint Policy;
    internal ulong Flags;
    internal int Nice;
    internal uint Priority;

    /// <summary>Nanoseconds, as the two that follow.</summary>
    internal ulong Runtime;
    internal ulong Deadline;
    internal ulong Period;
}
