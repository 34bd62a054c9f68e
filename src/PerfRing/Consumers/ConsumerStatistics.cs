namespace PerfRing;

/// <summary>What one thread of a <see cref="PerCoreConsumer"/> did until a moment. Immutable.</summary>
/// <param name="Name">The thread's name.</param>
/// <param name="Records">Records handled, loss notices included.</param>
/// <param name="Batches">Batches in which they came.</param>
/// <param name="Wakeups">Sleeps that a ring ended.</param>
/// <param name="SpuriousWakeups">Those of them after which nothing was there: it had been found before.</param>
/// <param name="AgedSweeps">Sleeps that ended because the longest delay, or the period of a timer, was over.</param>
/// <param name="SpinFinds">Times that something came while the thread was spinning, and no sleep followed.</param>
/// <param name="Delays">From the time in a record to its handler.</param>
public sealed record ConsumerStatistics(
    string Name,
    long Records,
    long Batches,
    long Wakeups,
    long SpuriousWakeups,
    long AgedSweeps,
    long SpinFinds,
    DelayDistribution Delays)
{
    /// <summary>Records handled for each wakeup; 0 if there was none.</summary>
    public double RecordsPerWakeup => Wakeups == 0 ? 0 : (double)Records / Wakeups;
}
