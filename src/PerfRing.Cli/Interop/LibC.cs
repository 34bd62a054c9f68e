using System.Runtime.InteropServices;

namespace PerfRing.Cli.Interop;

/// <summary>Calls of the C library that .NET does not offer as they are.</summary>
internal static partial class LibC
{
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EEXIST = 17;
    internal const int EPIPE = 32;

    internal const int LockShared = 1;
    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;
    internal const int LockRelease = 8;

    /// <summary>EFD_CLOEXEC.</summary>
    internal const int EventCloseOnExec = 0x80000;

    /// <summary>POLLIN.</summary>
    internal const short Readable = 1;

    /// <summary>write(2): the bytes that were taken, or -1 with the error in the last P/Invoke error.</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int fd, in byte bytes, nint count);

    /// <summary>read(2): the bytes that came, 0 at the end, or -1 with the error in the last P/Invoke error.</summary>
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int fd, ref byte bytes, nint count);

    /// <summary>poll(2): how many descriptors have something to say, or -1 with the error in the last P/Invoke error.</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(ref PollDescriptor first, nuint count, int milliseconds);

    /// <summary>eventfd(2): a descriptor that becomes readable when 8 bytes are written to it.</summary>
    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventDescriptor(uint value, int flags);

    /// <summary>flock(2): 0, or -1 with the error in the last P/Invoke error.</summary>
    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int FileLock(int fd, int operation);

    /// <summary>link(2), which does not replace what has the name: 0, or -1 with the error in the last P/Invoke error.</summary>
    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Link(string path, string name);

    /// <summary>geteuid(2).</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint GetEffectiveUserId();

    /// <summary>prctl(2) with PR_SET_TIMERSLACK: how late the kernel may end a sleep of the calling thread, in order to end
    /// several at once. 50,000 ns by default, half of a delay of 100 us.</summary>
    /// <returns>0, or -1; a refusal only leaves sleeps as coarse as they were.</returns>
    internal static int SetTimerSlack(nuint nanoseconds) => ProcessControl(29, nanoseconds, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint argument, nuint third, nuint fourth, nuint fifth);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Number;
        internal short Wanted;
        internal short Seen;
    }
}
