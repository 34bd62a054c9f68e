namespace PerfRing;

/// <summary>What one CPU's events lost.</summary>
/// <param name="Cpu">The CPU.</param>
/// <param name="Lost">Records for which the ring had no room, or that were written while output was paused: the kernel's own
/// count (PERF_FORMAT_LOST), over all events of the ring, exact at any time. Null, for unknown, where the kernel does
/// not tell: before Linux 6.0, once an overwriting ring was lapped, and once map slots were emptied for a pause.</param>
/// <param name="Noticed">The sum of the <see cref="RecordKind.Lost"/> and <see cref="RecordKind.LostSamples"/> records that
/// passed. These place the losses in the stream; they are part of <paramref name="Lost"/>, never to be added to it.</param>
/// <param name="Abandoned">Records that were delivered in a batch and given up unvisited.</param>
/// <param name="Gaps">Places with impossible content. Each hides an unknown number of records.</param>
/// <param name="SkippedBytes">The bytes skipped at those places.</param>
public readonly record struct CpuLosses(int Cpu, ulong? Lost, ulong Noticed, ulong Abandoned, ulong Gaps, ulong SkippedBytes)
{
    /// <summary>Whether the counts are complete: the kernel told its own, and nothing unknown was skipped.</summary>
    public bool IsExact => Lost is not null && Gaps == 0;

    /// <summary>Whether anything is known to be lost.</summary>
    public bool IsAny => (Lost ?? Noticed) != 0 || Abandoned != 0 || Gaps != 0;

    internal static CpuLosses Of(Ring ring, IReadOnlyList<PerfEventCount> counts)
    {
        ulong? lost = 0;
        foreach (PerfEventCount count in counts)
        {
            // Null is contagious, as it should be: a sum with an unknown part is unknown.
            if (count.Cpu == ring.Origin.Cpu)
                lost += count.Lost;
        }

        RingLosses losses = ring.Losses;
        return new CpuLosses(
            ring.Origin.Cpu, losses.AreUnknown ? null : lost, losses.Noticed, losses.Abandoned, losses.Gaps, losses.SkippedBytes);
    }
}
