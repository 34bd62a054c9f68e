namespace PerfRing;

/// <summary>Which CPUs the machine can have, has running now, and keeps free of ordinary work.</summary>
/// <remarks>
/// <see cref="FromSystem"/> gives the machine's own. For tests and simulations, construct one with fixed sets, or derive
/// and override <see cref="Online"/> to let CPUs come and go. Any thread may use it at any time.
/// </remarks>
public class CpuTopology
{
    private readonly CpuSet _possible;
    private readonly CpuSet _online;
    private readonly CpuSet _isolated;

    /// <summary>A topology that never changes.</summary>
    /// <param name="possible">The CPUs that could ever be online.</param>
    /// <param name="online">The CPUs that are; each of them is possible.</param>
    /// <param name="isolated">The CPUs that the scheduler leaves alone; null stands for none.</param>
    /// <exception cref="ArgumentException">A CPU is online that is not possible.</exception>
    public CpuTopology(CpuSet possible, CpuSet online, CpuSet? isolated = null)
    {
        ArgumentNullException.ThrowIfNull(possible);
        ArgumentNullException.ThrowIfNull(online);
        CpuSet impossible = online.Except(possible);
        if (impossible.Count > 0)
        {
            throw new ArgumentException(
                $"CPUs {impossible} are online but not among the possible CPUs {possible}.", nameof(online));
        }

        _possible = possible;
        _online = online;
        _isolated = isolated ?? CpuSet.Empty;
    }

    /// <summary>The CPUs that can ever be online before the next boot, cpu_possible_mask of the kernel. May have gaps.</summary>
    /// <exception cref="SystemCallException">The kernel's list can't be opened; the message names the file and the
    /// remedy.</exception>
    /// <exception cref="FormatException">The file holds no CPU list.</exception>
    public virtual CpuSet Possible => _possible;

    /// <summary>The CPUs that run now. On a real machine it may differ from one look to the next: CPUs are hot-plugged.</summary>
    /// <exception cref="SystemCallException">The kernel's list can't be opened; the message names the file and the
    /// remedy.</exception>
    /// <exception cref="FormatException">The file holds no CPU list.</exception>
    public virtual CpuSet Online => _online;

    /// <summary>The same for those who look again and again: allocates only when the list has changed.</summary>
    /// <returns>Null if it can't be read.</returns>
    internal virtual CpuSet? LookOnline() => Online;

    /// <summary>The CPUs that boot parameter isolcpus or an isolated cpuset keeps free of ordinary threads; empty where the
    /// kernel doesn't tell.</summary>
    /// <exception cref="SystemCallException">The kernel's list can't be opened; the message names the file and the
    /// remedy.</exception>
    /// <exception cref="FormatException">The file holds no CPU list.</exception>
    public virtual CpuSet Isolated => _isolated;

    /// <summary>The topology of this machine.</summary>
    /// <remarks>Each property reads its file in /sys/devices/system/cpu anew (Documentation/admin-guide/cputopology.rst
    /// of the kernel), which needs no privilege.</remarks>
    public static CpuTopology FromSystem() => new SystemCpuTopology(SystemCpuTopology.SystemDirectory);
}
