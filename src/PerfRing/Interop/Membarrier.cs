using PerfRing.Abi;

namespace PerfRing.Interop;

/// <summary>Waits until every CPU has left what it was doing in the kernel with preemption off.</summary>
internal static class Membarrier
{
    /// <summary>Asks which commands there are.</summary>
    /// <param name="commands">Those of <see cref="MembarrierCommand"/> that there are, or-ed together; 0 where the call is
    /// refused.</param>
    /// <returns>0 or -errno.</returns>
    internal static int Query(out int commands)
    {
        int result = Shim.Membarrier(MembarrierCommand.Query, 0, out int value);
        commands = result == 0 ? value : 0;
        return result;
    }

    /// <summary>membarrier(2): about 14 ms, as it waits for a grace period of RCU.</summary>
    /// <returns>0, or -errno: EINVAL where CPUs run without a tick (nohz_full), ENOSYS or EPERM where it is hidden.</returns>
    internal static int WaitForWriters() => Shim.Membarrier(MembarrierCommand.Global, 0, out _);
}
