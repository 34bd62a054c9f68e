using PerfRing.Abi;

namespace PerfRing.Interop;

/// <summary>membarrier(2): makes other threads fence, or waits for those that are in the kernel.</summary>
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

    /// <summary>Waits until every CPU has left what it was doing in the kernel with preemption off: about 14 ms, a grace period
    /// of RCU.</summary>
    /// <returns>0, or -errno: EINVAL where CPUs run without a tick (nohz_full), ENOSYS or EPERM where it is hidden.</returns>
    internal static int WaitForWriters() => Shim.Membarrier(MembarrierCommand.Global, 0, out _);

    /// <summary>Lets others' <see cref="FenceRegistered"/> reach this process.</summary>
    /// <returns>0 or -errno.</returns>
    internal static int Register() => Shim.Membarrier(MembarrierCommand.RegisterGlobalExpedited, 0, out _);

    /// <summary>A full fence in every thread that runs, of every process that has registered: 0.5 us where the other CPUs are
    /// idle, 10 where they are busy.</summary>
    /// <returns>0 or -errno.</returns>
    internal static int FenceRegistered() => Shim.Membarrier(MembarrierCommand.GlobalExpedited, 0, out _);
}
