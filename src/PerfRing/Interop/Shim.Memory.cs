using System.Runtime.InteropServices;

namespace PerfRing.Interop;

internal static unsafe partial class Shim
{
    [LibraryImport(Library, EntryPoint = "perfring_mmap")]
    internal static partial int Mmap(ulong length, int protection, int flags, int fd, ulong offset, out void* address);

    [LibraryImport(Library, EntryPoint = "perfring_mmap_at")]
    internal static partial int MmapAt(void* address, ulong length, int protection, int flags, int fd, ulong offset);

    [LibraryImport(Library, EntryPoint = "perfring_munmap")]
    internal static partial int Munmap(void* address, ulong length);

    [LibraryImport(Library, EntryPoint = "perfring_mprotect")]
    internal static partial int Mprotect(void* address, ulong length, int protection);

    [LibraryImport(Library, EntryPoint = "perfring_memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MemfdCreate(string name, uint flags, out int fd);
}
