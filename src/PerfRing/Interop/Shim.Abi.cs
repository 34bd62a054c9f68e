using System.Runtime.InteropServices;

namespace PerfRing.Interop;

internal static partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_abi_version")]
    internal static partial uint AbiVersion();
}
