using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary><c>struct perf_event_header</c>, in front of every record of a perf ring.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal struct PerfEventHeader
{
    internal const int Length = 8;

    [FieldOffset(0)] internal uint Type;
    [FieldOffset(4)] internal ushort Misc;
    [FieldOffset(6)] internal ushort Size;
}
