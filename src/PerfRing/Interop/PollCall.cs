using PerfRing.Abi;

namespace PerfRing.Interop;

/// <summary>epoll(7) and eventfd(2), for callers without pointers. Each returns 0 or -errno.</summary>
internal static unsafe class PollCall
{
    /// <summary>epoll_pwait2(2), since Linux 5.11.</summary>
    /// <param name="epoll">The set.</param>
    /// <param name="ready">Room for what is ready.</param>
    /// <param name="nanoseconds">The longest wait; negative for no bound.</param>
    /// <param name="count">How many entries were written.</param>
    internal static int Wait(Descriptor epoll, Span<Ready> ready, long nanoseconds, out int count)
    {
        fixed (Ready* into = ready)
            return Shim.EpollPwait2(epoll, into, ready.Length, nanoseconds, out count);
    }

    /// <summary>epoll_wait(2), in whole milliseconds.</summary>
    internal static int WaitMilliseconds(Descriptor epoll, Span<Ready> ready, int milliseconds, out int count)
    {
        fixed (Ready* into = ready)
            return Shim.EpollPwait(epoll, into, ready.Length, milliseconds, out count);
    }

    /// <summary>Makes an eventfd ready.</summary>
    internal static int Signal(Descriptor eventFd)
    {
        ulong one = 1;
        return Shim.Write(eventFd, &one, sizeof(ulong), out _);
    }

    /// <summary>Makes an eventfd not ready.</summary>
    internal static int Clear(Descriptor eventFd)
    {
        ulong count;
        return Shim.Read(eventFd, &count, sizeof(ulong), out _);
    }
}
