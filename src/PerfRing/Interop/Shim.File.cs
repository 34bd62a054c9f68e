using System.Runtime.InteropServices;

namespace PerfRing.Interop;

internal static partial class Shim
{
    /// <summary>PERFRING_OPEN_CREATE: make the file, which must not be there.</summary>
    internal const uint OpenCreate = 1;

    /// <summary>PERFRING_OPEN_NOFOLLOW: not through a symbolic link.</summary>
    internal const uint OpenNoFollow = 2;

    [LibraryImport(Library, EntryPoint = "perfring_open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, uint flags, uint mode, out int fd);

    [LibraryImport(Library, EntryPoint = "perfring_file_status")]
    internal static partial int FileStatus(Descriptor fd, out uint mode, out ulong size);

    [LibraryImport(Library, EntryPoint = "perfring_allocate")]
    internal static partial int Allocate(Descriptor fd, ulong offset, ulong length);

    [LibraryImport(Library, EntryPoint = "perfring_add_seals")]
    internal static partial int AddSeals(Descriptor fd, uint seals);

    [LibraryImport(Library, EntryPoint = "perfring_get_seals")]
    internal static partial int GetSeals(Descriptor fd, out uint seals);

    [LibraryImport(Library, EntryPoint = "perfring_lock")]
    internal static partial int Lock(Descriptor fd, ulong start, ulong length);

    [LibraryImport(Library, EntryPoint = "perfring_unlock")]
    internal static partial int Unlock(Descriptor fd, ulong start, ulong length);

    [LibraryImport(Library, EntryPoint = "perfring_lock_query")]
    internal static partial int LockQuery(Descriptor fd, ulong start, ulong length, out uint locked);
}
