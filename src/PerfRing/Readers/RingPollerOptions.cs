namespace PerfRing;

/// <summary>How a <see cref="RingPoller"/> works. Immutable; checked when the poller is made.</summary>
public sealed record RingPollerOptions
{
    /// <summary>The CPUs that the thread may run on.</summary>
    /// <remarks>Default null: those of the process, also if the thread that starts the poller is pinned. A thread that is pinned
    /// here has a second one beside it, which is not pinned and queues to the thread pool in its stead: whatever the pool starts
    /// then, it inherits nothing. That costs a handover more.</remarks>
    public CpuSet? Cpus { get; init; }

    /// <summary>The name of the thread, as debuggers and <c>top -H</c> show it; at most 15 bytes of it.</summary>
    /// <remarks>Default: <c>PerfRing poller</c>.</remarks>
    public string ThreadName { get; init; } = "PerfRing poller";

    /// <summary>Whether what awaits runs on the poller's own thread, instead of on the thread pool.</summary>
    /// <remarks>Default false. It saves a handover of some microseconds, and is unsafe: while such a continuation runs, and
    /// whatever it waits for, no reader of this poller is looked at; and where <see cref="Cpus"/> is set, what it starts inherits
    /// the affinity.</remarks>
    public bool UnsafeRunContinuationsInline { get; init; }

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(ThreadName);
        if (Cpus is { Count: 0 })
            throw new ArgumentException("Cpus is empty: leave it null for all CPUs of the process.");
    }
}
