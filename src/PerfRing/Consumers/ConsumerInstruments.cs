using System.Diagnostics.Metrics;

namespace PerfRing;

/// <summary>What consumers count about themselves, as observable instruments of the meter <c>PerfRing</c>: read when somebody
/// collects, and at no other time.</summary>
internal static class ConsumerInstruments
{
    private const string Consumer = "perfring.consumer.id";
    private const string Thread = "perfring.consumer.thread";
    private const string Quantile = "quantile";

    private static readonly double[] Quantiles = [0.5, 0.99, 0.999, 1];
    private static readonly Lock Gate = new();

    /// <summary>Those that run. A consumer leaves when its last thread has ended, and until then it lives anyway.</summary>
    private static PerCoreConsumer[] _running = [];

    static ConsumerInstruments()
    {
        Count("perfring.consumer.records", "{record}", "Records handled.", static s => s.Records);
        Count("perfring.consumer.batches", "{batch}", "Batches in which records came.", static s => s.Batches);
        Count("perfring.consumer.wakeups", "{wakeup}", "Sleeps that a ring ended.", static s => s.Wakeups);
        Count(
            "perfring.consumer.wakeups.spurious", "{wakeup}", "Wakeups after which nothing was there.",
            static s => s.SpuriousWakeups);
        Count(
            "perfring.consumer.sweeps.aged", "{sweep}", "Sleeps that ended because the longest delay or the period was over.",
            static s => s.AgedSweeps);
        Count("perfring.consumer.spin.finds", "{find}", "Spins in which something came.", static s => s.SpinFinds);
        RingMeter.Meter.CreateObservableGauge(
            "perfring.consumer.delay", Delays, "s",
            "From the time in a record to its handler, of the oldest record of each batch, since the start.");
    }

    /// <summary>Makes the instruments known before the first consumer, and the consumer to them.</summary>
    internal static void Add(PerCoreConsumer consumer)
    {
        lock (Gate)
            _running = [.. _running, consumer];
    }

    internal static void Remove(PerCoreConsumer consumer)
    {
        lock (Gate)
            _running = [.. _running.Where(other => other != consumer)];
    }

    private static void Count(string name, string unit, string description, Func<ConsumerStatistics, long> value) =>
        RingMeter.Meter.CreateObservableCounter(
            name,
            () => from read in ReadAll()
                  select new Measurement<long>(value(read.Statistics), ConsumerTag(read.Id), ThreadTag(read.Statistics)),
            unit,
            description);

    private static IEnumerable<Measurement<double>> Delays() =>
        from read in ReadAll()
        where read.Statistics.Delays.Count != 0
        from quantile in Quantiles
        select new Measurement<double>(
            read.Statistics.Delays.Percentile(quantile).TotalSeconds,
            ConsumerTag(read.Id), ThreadTag(read.Statistics), new KeyValuePair<string, object?>(Quantile, quantile));

    private static IEnumerable<(long Id, ConsumerStatistics Statistics)> ReadAll() =>
        from consumer in Volatile.Read(ref _running)
        from statistics in consumer.ReadStatistics()
        select (consumer.Id, statistics);

    private static KeyValuePair<string, object?> ConsumerTag(long id) => new(Consumer, id);

    private static KeyValuePair<string, object?> ThreadTag(ConsumerStatistics statistics) => new(Thread, statistics.Name);
}
