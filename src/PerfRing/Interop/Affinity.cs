namespace PerfRing.Interop;

/// <summary>Affinity masks of threads, as spans of 64-bit words: bit n of word n / 64 stands for CPU n.</summary>
/// <remarks>See sched_setaffinity(2).</remarks>
internal static unsafe class Affinity
{
    /// <summary>Replaces the calling thread's mask.</summary>
    /// <returns>0 or -errno.</returns>
    internal static int Set(ReadOnlySpan<ulong> mask)
    {
        // SAFETY: the kernel reads exactly the length of the span, which stays pinned during the call.
        fixed (ulong* words = mask)
            return Shim.SchedSetAffinity(0, words, (uint)mask.Length * sizeof(ulong));
    }

    /// <summary>Copies the calling thread's mask.</summary>
    /// <param name="mask">Where it goes.</param>
    /// <param name="words">How many words the kernel filled.</param>
    /// <returns>0 or -errno.</returns>
    internal static int Get(Span<ulong> mask, out int words) => GetOf(0, mask, out words);

    /// <summary>Copies a thread's mask.</summary>
    /// <param name="thread">The kernel's id of the thread; 0 for the calling one.</param>
    /// <param name="mask">Where it goes. One smaller than the kernel's own CPU mask gives EINVAL.</param>
    /// <param name="words">How many words the kernel filled; the rest of <paramref name="mask"/> is left as it was.</param>
    /// <returns>0 or -errno.</returns>
    internal static int GetOf(int thread, Span<ulong> mask, out int words)
    {
        // SAFETY: the kernel writes at most the length of the span, which stays pinned during the call.
        fixed (ulong* target = mask)
        {
            int result = Shim.SchedGetAffinity(thread, target, (uint)mask.Length * sizeof(ulong), out uint written);
            words = (int)(written / sizeof(ulong));
            return result;
        }
    }

    /// <summary>The kernel's id of the calling thread, gettid(2).</summary>
    internal static int ThreadId()
    {
        Errno.ThrowIfFailed(Shim.GetTid(out int tid), "gettid", "the kernel never refuses this call; a sandbox may");
        return tid;
    }
}
