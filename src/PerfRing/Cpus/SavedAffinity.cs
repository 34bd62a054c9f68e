using PerfRing.Interop;

namespace PerfRing;

/// <summary>The affinity mask that a thread had, to be put back once.</summary>
internal sealed class SavedAffinity
{
    // Room for 1,024 CPUs, as in the C library's cpu_set_t, which is enough for nearly every kernel at the first try.
    private const int FirstLength = 1024 / 64;
    private const int LongestLength = (CpuSet.HighestId + 1) / 64;

    private readonly ulong[] _mask;
    private readonly int _thread;
    private bool _restored;

    private SavedAffinity(ulong[] mask, int thread)
    {
        _mask = mask;
        _thread = thread;
    }

    /// <summary>Remembers the mask that the calling thread has now.</summary>
    internal static SavedAffinity OfCallingThread() => new(ReadMask(), Affinity.ThreadId());

    /// <summary>The calling thread's mask, in as many words as the kernel's own mask has.</summary>
    internal static ulong[] ReadMask()
    {
        ShimLibrary.Require();
        return ReadMask(Affinity.Get);
    }

    /// <summary>A kernel's answer to being asked for a mask: see <see cref="Affinity.Get"/>.</summary>
    internal delegate int MaskSource(Span<ulong> mask, out int words);

    internal static ulong[] ReadMask(MaskSource kernel)
    {
        for (int length = FirstLength; ; length *= 2)
        {
            var mask = new ulong[length];
            int result = kernel(mask, out int words);
            if (result == 0)
                return mask[..words];

            // EINVAL says that the kernel was built for more CPUs than the mask has room for.
            if (result != -Errno.EINVAL || length >= LongestLength)
                Errno.Throw(result, "sched_getaffinity", $"the kernel's CPU mask was asked for with room for {length * 64} CPUs");
        }
    }

    /// <summary>Puts the mask back, at the first call.</summary>
    internal void Restore()
    {
        if (_restored)
            return;

        int thread = Affinity.ThreadId();
        if (thread != _thread)
        {
            throw new InvalidOperationException(
                $"Thread {_thread} was pinned, and thread {thread} tries to end it: "
                + "dispose CpuAffinity on the thread that pinned.");
        }

        Errno.ThrowIfFailed(
            Affinity.Set(_mask),
            "sched_setaffinity",
            $"none of CPUs {CpuSet.FromWords(_mask)}, which this thread had before it was pinned, "
            + "is online and in its cpuset now");
        _restored = true;
    }
}
