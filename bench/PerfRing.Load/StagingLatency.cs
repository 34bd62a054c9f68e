using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.Load;

/// <summary>From a record to the reader that it wakes, directly and through the staging thread, in turns.</summary>
internal static class StagingLatency
{
    private const int WarmUp = 100;

    internal static void Run(int rounds)
    {
        using Woken direct = new(null);
        using Woken staged = new(new StagingOptions());
        List<long>[] times = [[], []];
        for (int round = -WarmUp; round < rounds; round++)
        {
            long[] one = [direct.Measure(), staged.Measure()];
            if (round < 0)
                continue;

            times[0].Add(one[0]);
            times[1].Add(one[1]);
        }

        Console.WriteLine($"from a record to the reader asleep in epoll, {rounds} rounds a way, in turns; ns");
        Console.WriteLine($"{"",-10}{"p50",10}{"p90",10}{"p99",10}");
        double[] medians = new double[2];
        for (int way = 0; way < 2; way++)
        {
            long[] sorted = [.. times[way].Order()];
            medians[way] = sorted[sorted.Length / 2];
            Console.WriteLine(FormattableString.Invariant(
                $"{(way == 0 ? "direct" : "staged"),-10}{sorted[sorted.Length / 2],10}{sorted[sorted.Length * 9 / 10],10}{sorted[sorted.Length * 99 / 100],10}"));
        }

        Console.WriteLine(FormattableString.Invariant($"{"ratio",-10}{medians[1] / medians[0],10:0.00}"));
    }

    /// <summary>A reader that waits on a thread of its own, and a program that wakes it.</summary>
    private sealed class Woken : IDisposable
    {
        private readonly BpfTestMap _map = BpfTestMap.PerfEventArray();
        private readonly PerfOutputProgram _program;
        private readonly PerfEventReader _reader;
        private readonly Thread _thread;
        private readonly int _cpu = MachineCpus.Online()[0];
        private long _arrived;
        private int _waits;

        internal Woken(StagingOptions? staging)
        {
            _program = new PerfOutputProgram(_map);
            using BpfMap map = BpfMap.FromDescriptor(_map.Descriptor);
            _reader = PerfEventReader.Open(PerfEventSource.BpfOutput(map), new PerfEventReaderOptions
            {
                Fields = SampleFields.Raw,
                Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan),
                Staging = staging,
            });
            _thread = new Thread(Read);
            _thread.Start();
        }

        internal long Measure()
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref _waits) == 1);
            Thread.Sleep(1);
            Volatile.Write(ref _arrived, 0);
            long start = Stopwatch.GetTimestamp();
            _program.Emit(_cpu, 8);
            SpinWait.SpinUntil(() => Volatile.Read(ref _arrived) != 0);
            return Volatile.Read(ref _arrived) - start;
        }

        public void Dispose()
        {
            _reader.Dispose();
            _thread.Join();
            _program.Dispose();
            _map.Dispose();
        }

        private void Read()
        {
            while (true)
            {
                Volatile.Write(ref _waits, 1);
                try
                {
                    using RecordBatch batch = _reader.Read();
                    long now = Stopwatch.GetTimestamp();
                    if (batch.Status != ReadStatus.Records)
                        return;

                    Volatile.Write(ref _waits, 0);
                    Volatile.Write(ref _arrived, now);
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
