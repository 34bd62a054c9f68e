using System.Globalization;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>The CPUs of the process, whichever of its threads are pinned.</summary>
/// <remarks>A process has no mask, only its threads have. Together they have the one that the process was started with: the
/// runtime starts threads before the program can pin any, and a thread that is pinned takes nothing away from the others.
/// Not taken from the cpuset: whoever started the process on fewer CPUs than that (taskset(1)) meant it.</remarks>
internal static class ProcessCpus
{
    private const string Threads = "/proc/self/task";

    /// <summary>What the threads of the process may run on, taken together. Without CPUs that are offline now.</summary>
    /// <exception cref="SystemCallException">The kernel refused, see sched_getaffinity(2).</exception>
    internal static CpuSet Read()
    {
        CpuSet cpus = CpuAffinity.Current;
        foreach (int thread in ThreadIds())
        {
            try
            {
                cpus = cpus.Union(CpuSet.FromWords(SavedAffinity.ReadMask(
                    (Span<ulong> mask, out int words) => Affinity.GetOf(thread, mask, out words))));
            }
            catch (SystemCallException e) when (e.Errno == Errno.ESRCH)
            {
                // It has ended since it was listed.
            }
        }

        return cpus;
    }

    /// <summary>Lets the calling thread run on all CPUs of the process, if whoever started it was pinned.</summary>
    /// <param name="process">What <see cref="Read"/> returned.</param>
    /// <returns>0 or -errno.</returns>
    internal static int GiveToCallingThread(CpuSet process)
    {
        // Not without need: a mask that was set by hand does not grow with the cpuset or with CPUs that come online.
        return process.Except(CpuAffinity.Current).Count == 0 ? 0 : Affinity.Set(process.Words);
    }

    private static IEnumerable<int> ThreadIds()
    {
        // Without a /proc there is still the first thread, whose id is that of the process.
        if (!Directory.Exists(Threads))
            return [Environment.ProcessId];

        return Directory.EnumerateDirectories(Threads)
            .Select(static path => int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture));
    }
}
