namespace PerfRing.Interop;

/// <summary>Waits until every CPU has left what it was doing in the kernel with preemption off.</summary>
internal static class Membarrier
{
    /// <summary>MEMBARRIER_CMD_GLOBAL of linux/membarrier.h.</summary>
    private const int Global = 1;

    /// <summary>membarrier(2): about 14 ms, as it waits for a grace period of RCU.</summary>
    /// <returns>0, or -errno: EINVAL where CPUs run without a tick (nohz_full), ENOSYS or EPERM where it is hidden.</returns>
    internal static int WaitForWriters() => Shim.Membarrier(Global, 0);
}
