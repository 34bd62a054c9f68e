using System.Runtime.InteropServices;
using PerfRing.Abi;

namespace PerfRing.Interop;

internal static unsafe partial class Shim
{
    /// <summary>The most entries that one wait hands out, PERFRING_READY_MAX.</summary>
    internal const int ReadyMaximum = 16;

    [LibraryImport(Library, EntryPoint = "perfring_epoll_create")]
    internal static partial int EpollCreate(out int fd);

    [LibraryImport(Library, EntryPoint = "perfring_epoll_add")]
    internal static partial int EpollAdd(Descriptor epoll, Descriptor fd, uint events, ulong token);

    [LibraryImport(Library, EntryPoint = "perfring_epoll_modify")]
    internal static partial int EpollModify(Descriptor epoll, Descriptor fd, uint events, ulong token);

    [LibraryImport(Library, EntryPoint = "perfring_epoll_remove")]
    internal static partial int EpollRemove(Descriptor epoll, Descriptor fd);

    [LibraryImport(Library, EntryPoint = "perfring_epoll_pwait2")]
    internal static partial int EpollPwait2(Descriptor epoll, Ready* ready, int capacity, long timeoutNanoseconds, out int count);

    [LibraryImport(Library, EntryPoint = "perfring_epoll_pwait")]
    internal static partial int EpollPwait(Descriptor epoll, Ready* ready, int capacity, int timeoutMilliseconds, out int count);

    [LibraryImport(Library, EntryPoint = "perfring_eventfd")]
    internal static partial int EventFd(out int fd);
}
