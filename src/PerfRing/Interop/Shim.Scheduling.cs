using System.Runtime.InteropServices;
using PerfRing.Abi;

namespace PerfRing.Interop;

internal static unsafe partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_sched_setaffinity")]
    internal static partial int SchedSetAffinity(int tid, ulong* mask, uint length);

    [LibraryImport(Library, EntryPoint = "perfring_sched_getaffinity")]
    internal static partial int SchedGetAffinity(int tid, ulong* mask, uint length, out uint written);

    [LibraryImport(Library, EntryPoint = "perfring_sched_setattr")]
    internal static partial int SchedSetAttr(int tid, in SchedAttr attr);

    [LibraryImport(Library, EntryPoint = "perfring_gettid")]
    internal static partial int GetTid(out int tid);

    [LibraryImport(Library, EntryPoint = "perfring_set_timer_slack")]
    internal static partial int SetTimerSlack(ulong nanoseconds);

    [LibraryImport(Library, EntryPoint = "perfring_membarrier")]
    internal static partial int Membarrier(int command, uint flags, out int value);
}
