namespace PerfRing.Tests.Consumers;

/// <summary>Reads a merge, and notes something of each record.</summary>
internal static class Merging
{
    /// <summary>No hold-back by the clock of the machine, whose stamps tests don't use.</summary>
    internal static MergeOptions At(ScriptedClock clock, long holdBack = 1_000) => new()
    {
        HoldBack = TimeSpan.FromTicks(holdBack / TimeSpan.NanosecondsPerTick),
        Time = clock,
    };

    /// <summary>The numbers that are due, without a wait.</summary>
    internal static List<long> Numbers(this MergedReader merged, ReadBudget budget = default)
    {
        using MergedBatch batch = merged.Read(TimeSpan.Zero, budget, CancellationToken.None);
        return Numbers(batch);
    }

    internal static List<long> Numbers(scoped in MergedBatch batch)
    {
        List<long> numbers = [];
        foreach (MergedRecord merged in batch)
            numbers.Add(Shown.Number(merged.Record));

        return numbers;
    }

    internal static ReadStatus StatusOf(this MergedReader merged) => merged.StatusOf(Timeout.InfiniteTimeSpan);

    /// <summary>Reads, is done with what was there, and tells why the read ended.</summary>
    internal static ReadStatus StatusOf(this MergedReader merged, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using MergedBatch batch = merged.Read(timeout, cancellationToken);
        foreach (MergedRecord _ in batch)
        {
        }

        return batch.Status;
    }
}
