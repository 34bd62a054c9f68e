using System.Diagnostics;
using System.Globalization;
using PerfRing.Testing;

namespace PerfRing.Load;

/// <summary>From the stamp of a record to its handler, for every kind of ring, wait policy and placement; and what each costs the
/// side that writes.</summary>
/// <remarks>Records come one by one, at random distances, so that a consumer has found everything before the next one comes. The
/// combinations take turns, a slice each, so that what else the machine does meets all of them alike.</remarks>
internal static class WakeupDistributions
{
    private const int RecordsOfASlice = 100;

    /// <summary>So that the cost of a write is that of one which follows others, not that of a processor which wakes up.</summary>
    private const int Touches = 10;

    private static readonly TimeSpan ShortestGap = TimeSpan.FromMicroseconds(50);
    private static readonly TimeSpan LongestGap = TimeSpan.FromMicroseconds(1_000);

    internal static void Run(int slices, string? plot)
    {
        int[] cpus = MachineCpus.Online();
        if (cpus.Length < 2)
            throw new InvalidOperationException("Same core and cross core need two CPUs, and one is online.");

        Console.WriteLine(Machine.Description);
        Console.WriteLine(FormattableString.Invariant(
            $"records one by one, {ShortestGap.TotalMicroseconds} to {LongestGap.TotalMicroseconds} us apart, written on CPU {cpus[0]}; {slices} slices of {RecordsOfASlice} records a line, in turns"));
        List<Result> results = [.. WakeupScenario.All().Select(static scenario => new Result(scenario))];
        Dictionary<WakeupKindOfRing, List<double>> unread = Enum.GetValues<WakeupKindOfRing>().ToDictionary(static kind => kind, static _ => new List<double>());
        for (int slice = 0; slice < slices; slice++)
        {
            foreach (WakeupKindOfRing kind in unread.Keys)
                MeasureUnread(kind, cpus[0], unread[kind], slice);

            foreach (Result result in results)
                Measure(result, cpus[0], cpus[1], slice);
        }

        Print(results, unread.ToDictionary(static entry => entry.Key, static entry => Median(entry.Value)));
        if (plot is not null)
            WakeupPlot.Save(results.Select(static result => (result.Scenario, result.Delays)), plot);
    }

    private static void Measure(Result result, int writing, int other, int slice)
    {
        WakeupScenario scenario = result.Scenario;

        // Who never sleeps needs no wakeups.
        Wakeup wakeup = scenario.Policy.Kind switch
        {
            WaitPolicyKind.Timer => Wakeup.Polled.Within(scenario.Policy.Time),
            WaitPolicyKind.BusySpin => Wakeup.Polled,
            _ => Wakeup.Immediate,
        };
        using StampedSource source = StampedSource.Open(scenario.Kind, writing, wakeup);
        Counter counter = new();
        PerCoreConsumer consumer = PerCoreConsumer.Start(source.Reader, _ => new Counter.Handler(counter), new PerCoreConsumerOptions
        {
            Wait = scenario.Policy,
            Placement = ThreadPlacement.On(CpuSet.Of(scenario.IsSameCore ? writing : other)),
            StampOffset = source.StampOffset,
        });
        WriteOneByOne(source, writing, result.WriterCosts, slice, () => counter.Records);
        consumer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        result.Add(consumer.ReadStatistics());
    }

    private static void MeasureUnread(WakeupKindOfRing kind, int writing, List<double> costs, int slice)
    {
        using StampedSource source = StampedSource.Open(kind, writing, Wakeup.Polled);
        WriteOneByOne(source, writing, costs, slice, waitFor: null);
    }

    private static void WriteOneByOne(StampedSource source, int cpu, List<double> costs, int slice, Func<long>? waitFor)
    {
        Random random = new(slice);
        Thread writer = new(() =>
        {
            using CpuAffinity pinned = CpuAffinity.Pin(cpu);
            for (int i = 1; i <= RecordsOfASlice; i++)
            {
                // Asleep, so that a consumer on this core gets it.
                Thread.Sleep(ShortestGap + (LongestGap - ShortestGap) * random.NextDouble());
                for (int touch = 0; touch < Touches; touch++)
                    source.Touch();

                long start = Stopwatch.GetTimestamp();
                source.Write();
                costs.Add(Stopwatch.GetTimestamp() - start);
                int expected = i;
                if (waitFor is not null)
                    Wait.Until(() => waitFor() >= expected, $"record {expected}");
            }
        });
        writer.Start();
        writer.Join();
    }

    private static void Print(List<Result> results, Dictionary<WakeupKindOfRing, double> unread)
    {
        Console.WriteLine($"{"ring, policy, placement",-60}{"p50 us",10}{"p99 us",10}{"p99.9 us",10}{"max us",10}{"wakeups/record",16}{"writer ns",12}{"of which wakeup",17}");
        foreach (Result result in results)
        {
            DelayDistribution delays = result.Delays;
            double cost = Median(result.WriterCosts);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Scenario.Name,-60}{delays.Percentile(0.5).TotalMicroseconds,10:0.0}{delays.Percentile(0.99).TotalMicroseconds,10:0.0}{delays.Percentile(0.999).TotalMicroseconds,10:0.0}{delays.Highest.TotalMicroseconds,10:0.0}{result.WakeupsPerRecord,16:0.00}{cost,12:0}{cost - unread[result.Scenario.Kind],17:0}"));
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>What one combination gave.</summary>
    private sealed class Result(WakeupScenario scenario)
    {
        private readonly List<DelayDistribution> _delays = [];
        private long _wakeups;
        private long _records;

        internal WakeupScenario Scenario => scenario;

        /// <summary>Nanoseconds of each write.</summary>
        internal List<double> WriterCosts { get; } = [];

        internal DelayDistribution Delays => DelayDistribution.Sum(_delays);

        internal double WakeupsPerRecord => (double)_wakeups / _records;

        internal void Add(IEnumerable<ConsumerStatistics> threads)
        {
            foreach (ConsumerStatistics thread in threads)
            {
                _delays.Add(thread.Delays);
                _wakeups += thread.Wakeups;
                _records += thread.Records;
            }
        }
    }

    private sealed class Counter
    {
        private long _records;

        internal long Records => Volatile.Read(ref _records);

        internal readonly struct Handler(Counter counter) : IRecordHandler
        {
            public bool Handle(Record record)
            {
                Volatile.Write(ref counter._records, counter._records + 1);
                return true;
            }
        }
    }
}
