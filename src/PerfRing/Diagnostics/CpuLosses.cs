namespace PerfRing;

/// <summary>What one ring lost: the events of one CPU, a BPF ring buffer, or a shared ring.</summary>
/// <param name="Cpu">The CPU; -1 for a ring that belongs to none.</param>
/// <param name="Lost">Records for which the ring had no room, or that were written while output was paused. For perf events
/// the kernel's own count (PERF_FORMAT_LOST), over all events of the ring, exact at any time; for a BPF ring buffer what the
/// program counted in its drop map; for a shared ring what its writers counted, and <see cref="Orphaned"/>. Null, for
/// unknown, where nobody tells: before Linux 6.0, once an overwriting ring was lapped, once map slots were emptied for a pause,
/// for a BPF ring buffer without a drop map, or whose count was set back, and once a followed one was overwritten before it was
/// copied.</param>
/// <param name="Noticed">The sum of the <see cref="RecordKind.Lost"/> and <see cref="RecordKind.LostSamples"/> records that
/// passed. These place the losses in the stream; they are part of <paramref name="Lost"/>, never to be added to it.</param>
/// <param name="Abandoned">Records that were delivered in a batch and given up unvisited.</param>
/// <param name="Gaps">Places with impossible content. Each hides an unknown number of records.</param>
/// <param name="SkippedBytes">The bytes skipped at those places.</param>
public readonly record struct CpuLosses(int Cpu, ulong? Lost, ulong Noticed, ulong Abandoned, ulong Gaps, ulong SkippedBytes)
{
    private readonly IReadOnlyList<CpuOutage>? _outages;

    /// <summary>Whether the counts are complete: the kernel told its own, nothing unknown was skipped, and the CPU was never
    /// away.</summary>
    public bool IsExact => Lost is not null && Gaps == 0 && OutageCount == 0;

    /// <summary>Whether anything is known to be lost.</summary>
    public bool IsAny => (Lost ?? Noticed) != 0 || Abandoned != 0 || Gaps != 0 || OutageCount != 0;

    /// <summary>When the CPU was offline, or back without its events: a loss of its own kind, since nobody counts what
    /// happened between its return and the moment at which its events were opened anew. <see cref="Lost"/> stays what the
    /// kernel counted, over all events that the ring has had. The last 256, oldest first; empty for rings other than those of perf
    /// events.</summary>
    public IReadOnlyList<CpuOutage> Outages
    {
        get => _outages ?? [];
        init => _outages = value is { Count: 0 } ? null : value;
    }

    /// <summary>How many outages there were, with those that <see cref="Outages"/> does not list any more.</summary>
    public long OutageCount { get; init; }

    /// <summary>The index of the map in <see cref="BpfRingReader.Maps"/> whose ring this is; -1 for perf events, of which several
    /// sources may share a ring, and 0 for a shared ring.</summary>
    public int SourceIndex { get; init; } = -1;

    /// <summary>Records that their producer reserved and took back, in BPF ring buffers and shared rings. They say nothing, so
    /// they are no loss.</summary>
    public ulong Discarded { get; init; }

    /// <summary>Records of a shared ring whose producer died while it wrote them. Part of <see cref="Lost"/>.</summary>
    public ulong Orphaned { get; init; }

    /// <param name="ring">What the ring itself has seen.</param>
    /// <param name="lost">What its producers counted; null if they can't tell.</param>
    internal static CpuLosses Of(Ring ring, ulong? lost)
    {
        RingLosses losses = ring.Losses;
        return new CpuLosses(
            ring.Origin.Cpu, losses.AreUnknown ? null : lost + losses.Orphaned,
            losses.Noticed, losses.Abandoned, losses.Gaps, losses.SkippedBytes)
        {
            SourceIndex = ring.Origin.Framing == RecordFraming.Length ? ring.Origin.OnlySource : -1,
            Discarded = losses.Discarded,
            Orphaned = losses.Orphaned,
            OutageCount = ring.Outages.Count,
            Outages = ring.Outages.ToList() ?? [],
        };
    }
}
