using System.Runtime.InteropServices;

namespace PerfRing.Cli.Interop;

/// <summary>Calls of the C library that .NET does not offer as they are.</summary>
internal static partial class LibC
{
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EPIPE = 32;

    /// <summary>write(2): the bytes that were taken, or -1 with the error in the last P/Invoke error.</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int fd, in byte bytes, nint count);

    /// <summary>prctl(2) with PR_SET_TIMERSLACK: how late the kernel may end a sleep of the calling thread, in order to end
    /// several at once. 50,000 ns by default, half of a delay of 100 us.</summary>
    /// <returns>0, or -1; a refusal only leaves sleeps as coarse as they were.</returns>
    internal static int SetTimerSlack(nuint nanoseconds) => ProcessControl(29, nanoseconds, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint argument, nuint third, nuint fourth, nuint fifth);
}
