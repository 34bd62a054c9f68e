using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using PerfRing.Abi;

namespace PerfRing.Interop;

/// <summary>Owns the native thread that moves records into staging rings, and ends it once.</summary>
/// <remarks>It keeps every mapping and descriptor open that the thread uses, also when all of them are finalized together: the order
/// of finalizers is not known, and memory that is gone would end the process.</remarks>
internal sealed unsafe class StagingThread : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly SafeHandle[] _used;

    private StagingThread(SafeHandle[] used)
        : base(ownsHandle: true) => _used = used;

    /// <summary>Starts the thread.</summary>
    /// <param name="rings">What is moved where to.</param>
    /// <param name="watches">What announces records.</param>
    /// <param name="mask">The CPUs that it may run on, as words of an affinity mask; empty for those of this thread.</param>
    /// <param name="longestDelay">Nanoseconds from one look to the next; negative for no bound.</param>
    /// <param name="used">What the addresses and descriptors belong to.</param>
    /// <exception cref="SystemCallException">There can't be such a thread.</exception>
    internal static StagingThread Start(
        ReadOnlySpan<StageRing> rings,
        ReadOnlySpan<StageWatch> watches,
        ReadOnlySpan<ulong> mask,
        long longestDelay,
        SafeHandle[] used)
    {
        int held = 0;
        try
        {
            foreach (SafeHandle handle in used)
            {
                bool isHeld = false;
                handle.DangerousAddRef(ref isHeld);
                held++;
            }

            // Made before there is a thread, which nobody would end if there were no memory for this.
            StagingThread thread = new(used);
            thread.SetHandle((nint)Start(rings, watches, mask, longestDelay));
            return thread;
        }
        catch
        {
            foreach (SafeHandle handle in used.AsSpan(0, held))
                handle.DangerousRelease();

            throw;
        }
    }

    /// <summary>Makes the thread look at all rings now.</summary>
    internal void Kick() => Errno.ThrowIfFailed(Shim.StageKick(this), "write(eventfd)", "calling the staging thread");

    /// <summary>What can still announce something; more than nothing also if the thread has ended by itself, which is no end of what it
    /// watched.</summary>
    internal int LoadWatching()
    {
        Shim.StageStatus(this, out StageStatus status);
        return status.Error == 0 ? (int)status.Watching : Math.Max(1, (int)status.Watching);
    }

    /// <exception cref="SystemCallException">The thread has ended by itself.</exception>
    internal void ThrowIfEnded()
    {
        Shim.StageStatus(this, out StageStatus status);
        Errno.ThrowIfFailed(status.Error, "epoll_pwait2", "the staging thread has ended, and nothing is read any more");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        // It waits for the thread, which is done with the piece that it copies within microseconds.
        if (Shim.StageStop((void*)handle) != 0)
            return false;

        foreach (SafeHandle used in _used)
            used.DangerousRelease();

        return true;
    }

    private static void* Start(
        ReadOnlySpan<StageRing> rings, ReadOnlySpan<StageWatch> watches, ReadOnlySpan<ulong> mask, long longestDelay)
    {
        // SAFETY: the shim copies what lies behind the addresses before it returns.
        fixed (StageRing* ring = rings)
        fixed (StageWatch* watch = watches)
        fixed (ulong* word = mask)
        {
            StageConfig config = new()
            {
                Size = (uint)sizeof(StageConfig),
                RingCount = (uint)rings.Length,
                WatchCount = (uint)watches.Length,
                MaskLength = (uint)mask.Length * sizeof(ulong),
                Rings = (ulong)ring,
                Watches = (ulong)watch,
                Mask = (ulong)word,
                LongestDelay = longestDelay,
            };
            Errno.ThrowIfFailed(
                Shim.StageStart(config, out void* stage),
                "starting the staging thread",
                "EINVAL: none of its CPUs is there, or allowed by the cpuset of this process; EAGAIN: too many threads (RLIMIT_NPROC, or "
                + "pids.max of the control group); EMFILE: too many open descriptors (RLIMIT_NOFILE); ENOMEM: no memory for its stack");
            return stage;
        }
    }
}
