using System.Globalization;
using System.Runtime.InteropServices;
using PerfRing.Interop;

namespace PerfRing.Load;

/// <summary>The time that a thread of this process has run: what it costs, whoever else wants the CPU meanwhile.</summary>
internal static partial class ThreadTime
{
    /// <summary>Of the calling thread, in nanoseconds.</summary>
    internal static long Current() => Of(Affinity.ThreadId());

    /// <summary>Of a thread by its id, in nanoseconds.</summary>
    internal static long Of(int thread)
    {
        // pthread_getcpuclockid(3): the clock of a thread that the caller knows by the kernel's id only.
        return GetTime((~thread << 3) | 6, out Time time) == 0
            ? (time.Seconds * 1_000_000_000) + time.Nanoseconds
            : throw new InvalidOperationException($"thread {thread} has no clock");
    }

    /// <summary>The threads that have a name.</summary>
    internal static int[] Named(string name) =>
    [
        .. Directory.GetDirectories("/proc/self/task")
            .Where(task => File.ReadAllText(Path.Combine(task, "comm")).TrimEnd() == name)
            .Select(static task => int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture)),
    ];

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
