using System.Runtime.InteropServices;

namespace PerfRing.Interop;

internal static partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_clock_gettime")]
    internal static partial int ClockGetTime(int clock, out ulong nanoseconds);
}
