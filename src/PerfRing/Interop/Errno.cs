using System.Diagnostics.CodeAnalysis;

namespace PerfRing.Interop;

/// <summary>Error numbers of the kernel (asm-generic/errno.h; the same on x86-64 and arm64) and how they become exceptions.</summary>
internal static class Errno
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int ENXIO = 6;
    internal const int E2BIG = 7;
    internal const int EBADF = 9;
    internal const int EAGAIN = 11;
    internal const int ENOMEM = 12;
    internal const int EACCES = 13;
    internal const int EFAULT = 14;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
    internal const int ENOSPC = 28;
    internal const int ENOSYS = 38;
    internal const int ELOOP = 40;
    internal const int EOPNOTSUPP = 95;
    internal const int ETIMEDOUT = 110;

    /// <summary>The symbol of an error number, such as EACCES.</summary>
    internal static string Name(int errno) => errno switch
    {
        EPERM => nameof(EPERM),
        ENOENT => nameof(ENOENT),
        ESRCH => nameof(ESRCH),
        EINTR => nameof(EINTR),
        ENXIO => nameof(ENXIO),
        E2BIG => nameof(E2BIG),
        EBADF => nameof(EBADF),
        EAGAIN => nameof(EAGAIN),
        ENOMEM => nameof(ENOMEM),
        EACCES => nameof(EACCES),
        EFAULT => nameof(EFAULT),
        EBUSY => nameof(EBUSY),
        EEXIST => nameof(EEXIST),
        ENODEV => nameof(ENODEV),
        EINVAL => nameof(EINVAL),
        ENFILE => nameof(ENFILE),
        EMFILE => nameof(EMFILE),
        ENOSPC => nameof(ENOSPC),
        ENOSYS => nameof(ENOSYS),
        ELOOP => nameof(ELOOP),
        EOPNOTSUPP => nameof(EOPNOTSUPP),
        ETIMEDOUT => nameof(ETIMEDOUT),
        _ => $"errno {errno}",
    };

    /// <summary>Throws what a shim call's result says, unless it says that the call succeeded.</summary>
    /// <param name="result">0 or -errno.</param>
    /// <param name="call">The system call, with its command where it has one.</param>
    /// <param name="remedy">What the caller can do about it.</param>
    internal static void ThrowIfFailed(int result, string call, string remedy)
    {
        if (result != 0)
            Throw(result, call, remedy);
    }

    [DoesNotReturn]
    internal static void Throw(int result, string call, string remedy) => throw new SystemCallException(call, -result, remedy);
}
