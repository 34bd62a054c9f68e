using System.Runtime.InteropServices;

namespace PerfRing.Interop;

internal static unsafe partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_close")]
    internal static partial int Close(int fd);

    [LibraryImport(Library, EntryPoint = "perfring_duplicate")]
    internal static partial int Duplicate(int fd, out int duplicate);

    [LibraryImport(Library, EntryPoint = "perfring_read")]
    internal static partial int Read(Descriptor fd, void* buffer, ulong length, out ulong transferred);

    [LibraryImport(Library, EntryPoint = "perfring_write")]
    internal static partial int Write(Descriptor fd, void* buffer, ulong length, out ulong transferred);
}
