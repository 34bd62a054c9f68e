using System.Runtime.InteropServices;

namespace PerfRing.Testing;

/// <summary>Calls of the C library that only tests need: the shim is for what the library ships.</summary>
internal static partial class LibC
{
    internal const int DetachMount = 2; // MNT_DETACH

    internal const int LockShared = 1;
    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;
    internal const int LockRelease = 8;

    internal const int OpenReadOnly = 0;
    internal const int OpenCreate = 0x40;
    internal const int OpenCloseOnExec = 0x80000;

    internal const int WindowChanged = 28; // SIGWINCH

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport(Library, EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Unmount(string target, int flags);

    [LibraryImport(Library, EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Open(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    internal static partial int FileLock(int fd, int operation);

    /// <summary>RLIMIT_NOFILE.</summary>
    internal const int LimitOfFiles = 7;

    /// <summary>struct rlimit.</summary>
    internal readonly record struct Limit(ulong Soft, ulong Hard);

    [LibraryImport(Library, EntryPoint = "getrlimit", SetLastError = true)]
    internal static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    internal static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport(Library, EntryPoint = "tgkill", SetLastError = true)]
    internal static partial int SignalThread(int process, int thread, int signal);

    /// <summary>futex(2) with FUTEX_WAIT_REQUEUE_PI: sleeps on a word, to be moved to another with priority inheritance.</summary>
    internal static unsafe void FutexWaitRequeue(uint* word, uint expected, uint* target) =>
        _ = SystemCall(FutexNumber, word, 11, expected, null, target, 0);

    /// <summary>SYS_futex.</summary>
    private static long FutexNumber => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98;

    [LibraryImport(Library, EntryPoint = "syscall")]
    private static unsafe partial long SystemCall(
        long number, uint* word, int operation, uint value, void* timeout, uint* second, uint third);

    /// <summary>Turns the C library's -1 and errno into what the shim returns: 0 or more, or -errno.</summary>
    internal static int Result(int returned) => returned < 0 ? -Marshal.GetLastPInvokeError() : returned;
}
