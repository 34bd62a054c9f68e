namespace PerfRing;

/// <summary>How a <see cref="BpfRingReader"/> is opened. Immutable; checked when the reader is opened.</summary>
/// <remarks>The size of a ring is the map's, and cannot be chosen here.</remarks>
public sealed record BpfRingReaderOptions
{
    /// <summary>When a waiting read is woken.</summary>
    /// <remarks>
    /// <para>Default null: <see cref="Wakeup.Immediate"/>, within <see cref="Wakeup.DefaultLongestDelay"/>. The BPF program has
    /// the first word: it wakes with each record that finds the reader caught up (flags 0), with each
    /// (BPF_RB_FORCE_WAKEUP), or not at all (BPF_RB_NO_WAKEUP); records of the last kind are seen within the longest delay.</para>
    /// <para>The kernel counts no thresholds here. <see cref="Wakeup.AfterEvents"/>, <see cref="Wakeup.AfterBytes"/> and
    /// <see cref="Wakeup.Polled"/> are one and the same: the reader looks once in each longest delay, whatever the program
    /// says, so that delay must be finite, and short enough for the ring not to fill meanwhile.</para>
    /// </remarks>
    public Wakeup? Wakeup { get; init; }

    /// <summary>Whether to consume the rings or to follow them.</summary>
    /// <remarks>Default <see cref="BpfRingAccess.Consume"/>. A map that overwrites (BPF_F_RB_OVERWRITE, Linux 6.19) can only be
    /// followed.</remarks>
    public BpfRingAccess Access { get; init; }

    /// <summary>Whether a native thread moves records out of the ring as they come, and how; see
    /// <see cref="StagingOptions"/>.</summary>
    /// <remarks>Default null: records are read where the program wrote them. Only with <see cref="BpfRingAccess.Consume"/>. What
    /// the program announces wakes the thread, and the longest delay of <see cref="Wakeup"/> is the thread's. What was moved and not
    /// read when the reader is disposed is gone, while without staging it stays in the map: whoever wants all of it flushes
    /// first, and reads up to <see cref="ReadStatus.Flushed"/>.</remarks>
    public StagingOptions? Staging { get; init; }

    /// <summary>The map in which the BPF program counts what found no room: see <c>perfring.bpf.h</c>.</summary>
    /// <remarks>Default null: the kernel tells nobody when a ring buffer is full, so losses are unknown. A per-CPU array of
    /// 64-bit counts. What it held when the reader was opened is not counted. It may be disposed afterwards.</remarks>
    public BpfMap? Drops { get; init; }

    /// <summary>The element of <see cref="Drops"/> that belongs to the map that is read. Where several maps are read, each has
    /// an element of its own: the first this one, and the others those that follow, in the order of the maps.</summary>
    /// <remarks>Default 0.</remarks>
    public int DropsIndex { get; init; }

    /// <summary>The threshold, checked.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or two contradict each other.</exception>
    internal Wakeup Validate()
    {
        if (!Enum.IsDefined(Access))
            throw new ArgumentOutOfRangeException(nameof(Access), Access, "One of the ways of access.");

        if (Access == BpfRingAccess.Follow && Staging is not null)
            throw new ArgumentException("A reader that follows consumes nothing, so that nothing can be moved: no Staging.");

        Staging?.Validate();
        Wakeup wakeup = Wakeup ?? PerfRing.Wakeup.Immediate;
        if (Access == BpfRingAccess.Follow && Wakeup is null)
            wakeup = PerfRing.Wakeup.Polled;

        bool announced = wakeup.Kind == WakeupKind.Immediate && Access == BpfRingAccess.Consume;
        if (!announced && wakeup.LongestDelay == Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(Wakeup), wakeup, Access == BpfRingAccess.Follow
                ? "The kernel announces nothing to a reader that follows: without a longest delay it would never look."
                : "A BPF ring buffer has no thresholds: without a longest delay the reader would never look.");
        }

        return wakeup;
    }
}
