using System.Runtime.InteropServices;

namespace PerfRing.Interop;

internal static unsafe partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_bpf")]
    internal static partial int Bpf(int command, void* attr, uint size, out int result);
}
