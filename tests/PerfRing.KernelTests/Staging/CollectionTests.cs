using System.Diagnostics;
using System.Runtime.CompilerServices;
using PerfRing.Testing;
using Xunit.Abstractions;

namespace PerfRing.KernelTests.Staging;

/// <summary>What staging is for: collections that suspend this process for longer than the kernel's rings last.</summary>
/// <remarks>Two readers of the same events side by side, with rings of the same size, one with staging and one without: both see the
/// same collections and the same machine. A ring lasts for some 100 ms, which is many times what the thread needs to get its turn on
/// a busy machine. That a collection takes longer than that is not hoped for: there are collections until the reader
/// without staging has lost something, which nothing else makes it lose.</remarks>
[Collection(Machine.Name)]
public sealed class CollectionTests(ITestOutputHelper output)
{
    private const int CallsAMillisecond = 100;
    private const int RingSize = 1 << 20;
    private const int FewestCollections = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [KernelFact(Needs.Tracepoints | Needs.PerfEvents | Needs.TwoCpus)]
    public void Collections_that_outlast_the_kernels_rings_lose_nothing_with_staging_and_lose_without()
    {
        int cpu = MachineCpus.Online()[^1];
        using Caller caller = new(cpu, CallsAMillisecond);
        PerfEventReaderOptions options = new() { BufferSize = RingSize, Cpus = CpuSet.Of(cpu), StartDisabled = true };
        using PerfEventReader direct = PerfEventReader.Open(caller.Calls(), options);
        using PerfEventReader staged = PerfEventReader.Open(
            caller.Calls(), options with { Staging = new StagingOptions { Capacity = 256 << 20 } });
        long deliveredDirect = 0;
        long deliveredStaged = 0;
        direct.Enable();
        staged.Enable();

        Collector collector = new();
        long start = Stopwatch.GetTimestamp();
        while (collector.Collections < FewestCollections || direct.ReadLosses().Lost == 0)
        {
            deliveredDirect += Count(direct, TimeSpan.FromMilliseconds(1), out _);
            deliveredStaged += Count(staged, TimeSpan.FromMilliseconds(1), out _);
            Assert.True(
                Stopwatch.GetElapsedTime(start) < Patience,
                $"{collector.Collections} collections, the longest of {collector.LongestPause.TotalMilliseconds:0} ms, made nobody lose anything");
        }

        collector.Stop();
        direct.Disable();
        staged.Disable();
        deliveredDirect += ReadToFlushed(direct);
        deliveredStaged += ReadToFlushed(staged);
        PerfEventCount countedDirect = direct.ReadCounts().Single();
        PerfEventCount countedStaged = staged.ReadCounts().Single();
        output.WriteLine(
            $"{collector.Collections} collections, the longest pause {collector.LongestPause.TotalMilliseconds:0} ms; without staging "
            + $"{deliveredDirect} delivered and {countedDirect.Lost} lost, with staging {deliveredStaged} and {countedStaged.Lost}");

        Assert.Equal(countedDirect.Value, (ulong)deliveredDirect + countedDirect.Lost!.Value);
        Assert.NotEqual(0ul, countedDirect.Lost);
        Assert.Equal(0ul, countedStaged.Lost);
        Assert.Equal(countedStaged.Value, (ulong)deliveredStaged);
    }

    private static long ReadToFlushed(PerfEventReader reader)
    {
        reader.Flush();
        long records = 0;
        ReadStatus status;
        do
        {
            records += Count(reader, TimeSpan.FromSeconds(10), out status);
        }
        while (status == ReadStatus.Records);

        Assert.Equal(ReadStatus.Flushed, status);
        return records;
    }

    private static long Count(PerfEventReader reader, TimeSpan timeout, out ReadStatus status)
    {
        long samples = 0;
        using RecordBatch batch = reader.Read(timeout);
        status = batch.Status;
        foreach (Record record in batch)
            samples += record.Kind == RecordKind.Sample ? 1 : 0;

        return samples;
    }

    /// <summary>Collects all generations, blocking and compacting, again and again, over objects that are far from each other in
    /// memory: following their references takes long.</summary>
    private sealed class Collector
    {
        private const int Objects = 1_500_000;

        private readonly Thread _thread;
        private volatile int _collections;
        private volatile bool _isOver;

        internal Collector()
        {
            _thread = new Thread(() =>
            {
                Linked first = Scatter();
                while (!_isOver)
                {
                    GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
                    _collections++;

                    // The readers have their turn.
                    Thread.Sleep(100);
                }

                GC.KeepAlive(first);
            })
            {
                IsBackground = true,
            };
            _thread.Start();
        }

        internal int Collections => _collections;

        internal TimeSpan LongestPause { get; private set; }

        internal void Stop()
        {
            LongestPause = GC.GetGCMemoryInfo(GCKind.FullBlocking).PauseDurations.ToArray().Max();
            _isOver = true;
            _thread.Join();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static Linked Scatter()
        {
            Linked[] all = new Linked[Objects];
            for (int i = 0; i < all.Length; i++)
                all[i] = new Linked();

            int[] order = [.. Enumerable.Range(0, Objects)];
            new Random(1).Shuffle(order);
            for (int i = 1; i < order.Length; i++)
                all[order[i - 1]].Next = all[order[i]];

            return all[order[0]];
        }

        private sealed class Linked
        {
            internal Linked? Next { get; set; }
        }
    }
}
