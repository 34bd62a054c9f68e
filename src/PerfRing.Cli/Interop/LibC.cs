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
}
