using PerfRing.Interop;

namespace PerfRing;

/// <summary>Binds the calling thread to one CPU until the end of a scope.</summary>
/// <remarks>
/// <code>using var pinned = CpuAffinity.Pin(cpu);</code>
/// <para>The scope belongs to the thread that opened it. Scopes nest, the inner one ends first.</para>
/// <para><b>What inherits the binding.</b> A thread or a process starts with the mask of the thread that starts it, and keeps
/// it after the scope's end (sched_setaffinity(2)). Threads that the runtime starts by itself, such as pool workers, are no
/// exception: they inherit while the main thread is pinned, on NativeAOT while any thread is. Inside the scope, then, start
/// no thread, process, timer, task or other pool work: start those before, or have an unpinned thread do it.</para>
/// <para>A thread under SCHED_DEADLINE can't be pinned.</para>
/// </remarks>
public readonly ref struct CpuAffinity
{
    // A reference, so that copies of the scope end it only once.
    private readonly SavedAffinity? _saved;

    private CpuAffinity(SavedAffinity saved) => _saved = saved;

    /// <summary>The CPUs that the calling thread may run on now.</summary>
    /// <remarks>The kernel leaves out CPUs that are offline at the moment.</remarks>
    /// <exception cref="SystemCallException">The kernel refused, see sched_getaffinity(2).</exception>
    public static CpuSet Current => CpuSet.FromWords(SavedAffinity.ReadMask());

    /// <summary>Moves the calling thread to a CPU and keeps it there until the scope is disposed.</summary>
    /// <param name="cpu">The CPU id, at least 0.</param>
    /// <remarks>When the call returns, the thread runs on that CPU. It allocates: the mask it found is kept on the
    /// heap.</remarks>
    /// <returns>The scope, to be disposed on the same thread.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative or above <see cref="CpuSet.HighestId"/>.</exception>
    /// <exception cref="SystemCallException">The kernel refused, see sched_setaffinity(2): EINVAL for a CPU that is offline,
    /// does not exist or lies outside the cpuset of the process, EPERM or EBUSY under SCHED_DEADLINE.</exception>
    public static CpuAffinity Pin(int cpu)
    {
        CpuSet.Require(cpu, nameof(cpu));
        SavedAffinity saved = SavedAffinity.OfCallingThread();
        Errno.ThrowIfFailed(Affinity.Set(CpuSet.Of(cpu).Words), "sched_setaffinity", Remedy(cpu));
        return new CpuAffinity(saved);
    }

    /// <summary>Gives the thread back the mask that <see cref="Pin"/> found. Further calls do nothing.</summary>
    /// <remarks>The mask found has no CPU that was offline then: such a CPU isn't given back when it comes online.</remarks>
    /// <exception cref="InvalidOperationException">Called on another thread than the pinned one, which stays pinned.</exception>
    /// <exception cref="SystemCallException">The kernel refused: no CPU of the mask is allowed any more. The thread stays
    /// pinned, and a later call tries again.</exception>
    public void Dispose() => _saved?.Restore();

    private static string Remedy(int cpu) =>
        $"CPU {cpu} must be online (/sys/devices/system/cpu/online) and in the cpuset of this process "
        + "(Cpus_allowed_list in /proc/self/status, cpuset.cpus.effective of its cgroup); "
        + "a SCHED_DEADLINE thread can't be pinned";
}
