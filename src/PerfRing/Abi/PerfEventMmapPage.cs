using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary>The words of <c>struct perf_event_mmap_page</c> that a reader of the ring uses.</summary>
[StructLayout(LayoutKind.Explicit, Size = 1088)]
internal struct PerfEventMmapPage
{
    /// <summary>Producer position. Free-running; written by the kernel after the records it covers.</summary>
    [FieldOffset(1024)] internal ulong DataHead;

    /// <summary>Consumer position. Free-running; written by the reader when it is done with the records before it.</summary>
    [FieldOffset(1032)] internal ulong DataTail;
    [FieldOffset(1040)] internal ulong DataOffset;
    [FieldOffset(1048)] internal ulong DataSize;
}
