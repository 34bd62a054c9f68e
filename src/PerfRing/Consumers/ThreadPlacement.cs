namespace PerfRing;

/// <summary>Where the threads of a consumer run. Immutable; the default value is <see cref="RingCpu"/>.</summary>
public readonly record struct ThreadPlacement
{
    private ThreadPlacement(bool isUnpinned, CpuSet? cpus)
    {
        IsUnpinned = isUnpinned;
        Cpus = cpus;
    }

    /// <summary>On the CPU whose records the thread reads, all of them for a group: the wake stays on the core, and is there more
    /// than twice as soon as across cores.</summary>
    /// <remarks>The rings of isolated CPUs (isolcpus, isolated cpusets) are read from those that are not isolated, as nothing else
    /// belongs there: name them with <see cref="On"/> if that is meant. A ring that belongs to no CPU is read unpinned.</remarks>
    public static ThreadPlacement RingCpu => default;

    /// <summary>Wherever the scheduler puts them: the only one for <see cref="ThreadScheduling.Deadline"/>.</summary>
    public static ThreadPlacement Unpinned => new(isUnpinned: true, null);

    /// <summary>Whether no thread is pinned.</summary>
    public bool IsUnpinned { get; }

    /// <summary>The CPUs of <see cref="On"/>; null for the others.</summary>
    public CpuSet? Cpus { get; }

    /// <summary>On given CPUs, all threads alike: housekeeping CPUs, so that the others do nothing but what they are for.</summary>
    /// <param name="cpus">At least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ThreadPlacement On(CpuSet cpus)
    {
        ArgumentNullException.ThrowIfNull(cpus);
        if (cpus.Count == 0)
            throw new ArgumentException("A thread needs a CPU to run on.", nameof(cpus));

        return new(isUnpinned: false, cpus);
    }

    /// <inheritdoc/>
    public override string ToString() => IsUnpinned ? "unpinned" : Cpus is null ? "on the ring's CPU" : $"on CPUs {Cpus}";
}
