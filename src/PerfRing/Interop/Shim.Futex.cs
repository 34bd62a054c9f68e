using System.Runtime.InteropServices;

namespace PerfRing.Interop;

internal static unsafe partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_futex_wait")]
    internal static partial int FutexWait(uint* word, uint expected, long timeoutNanoseconds);

    [LibraryImport(Library, EntryPoint = "perfring_futex_wake")]
    internal static partial int FutexWake(uint* word, int count, out int woken);
}
