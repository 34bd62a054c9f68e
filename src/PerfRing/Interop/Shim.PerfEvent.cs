using System.Runtime.InteropServices;
using PerfRing.Abi;

namespace PerfRing.Interop;

internal static unsafe partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_perf_event_open")]
    internal static partial int PerfEventOpen(
        in PerfEventAttr attr, int pid, int cpu, int groupFd, ulong flags, out int fd);

    [LibraryImport(Library, EntryPoint = "perfring_perf_event_enable")]
    internal static partial int PerfEventEnable(Descriptor fd);

    [LibraryImport(Library, EntryPoint = "perfring_perf_event_disable")]
    internal static partial int PerfEventDisable(Descriptor fd);

    [LibraryImport(Library, EntryPoint = "perfring_perf_event_set_output")]
    internal static partial int PerfEventSetOutput(Descriptor fd, Descriptor output);

    [LibraryImport(Library, EntryPoint = "perfring_perf_event_pause_output")]
    internal static partial int PerfEventPauseOutput(Descriptor fd, uint pause);

    [LibraryImport(Library, EntryPoint = "perfring_perf_event_set_filter", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PerfEventSetFilter(Descriptor fd, string filter);
}
