using System.Buffers.Binary;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Consumers;

/// <summary>A perf ring a CPU, stamped by the kernel, and a BPF ring buffer, stamped by its program: one order.</summary>
[Collection(Machine.Name)]
public sealed class MergedReadersTests
{
    private const int Pairs = 2_000;

    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void What_was_written_in_turns_into_both_comes_in_turns_out_of_both()
    {
        using Both both = new(Wakeup.Polled);
        int[] cpus = MachineCpus.Online();
        List<string> expected = [];
        List<string> seen = [];
        for (int i = 0; i < Pairs; i++)
        {
            int cpu = cpus[i % cpus.Length];
            both.Perf.Program.Emit(cpu, 8);
            expected.Add($"perf on {cpu}");
            Assert.True(both.Stamped.Emit(cpus[(i + 1) % cpus.Length], i));
            expected.Add($"bpf {i}");
            if (i % 100 == 99)
                both.ReadWhatIsDue(TimeSpan.Zero, seen);
        }

        both.Merged.Flush();
        while (both.ReadWhatIsDue(Timeout.InfiniteTimeSpan, seen) == ReadStatus.Records)
        {
        }

        Assert.Equal(expected, seen);
        Assert.Equal((0, 0), (both.Merged.Late, both.Merged.Unstamped));
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(true)]
    [InlineData(false)]
    public void Either_kind_of_ring_wakes_a_merge_that_sleeps_on_both(bool byPerf)
    {
        using Both both = new(Never);
        for (int round = 0; round < 50; round++)
        {
            int tid = 0;
            List<string> seen = [];
            Thread consumer = new(() =>
            {
                Interop.Shim.GetTid(out int id);
                Volatile.Write(ref tid, id);
                both.ReadWhatIsDue(Timeout.InfiniteTimeSpan, seen);
            });
            consumer.IsBackground = true;
            consumer.Start();
            Wait.Until(() => Waiting.IsAsleepInEpoll(Volatile.Read(ref tid)), "the merge to sleep in epoll");
            if (byPerf)
                both.Perf.Program.Emit(MachineCpus.Online()[^1], 8);
            else
                Assert.True(both.Stamped.Emit(MachineCpus.Online()[^1], round));

            Assert.True(consumer.Join(TimeSpan.FromSeconds(10)), "nothing woke the merge");
            Assert.Single(seen);
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_million_records_allocate_nothing()
    {
        const int RecordsARound = 500;
        using Both both = new(Wakeup.Polled);
        long records = 0;
        ulong sum = 0;
        void Round(int times = 1)
        {
            both.Perf.Program.Emit(0, 8, times * RecordsARound);
            for (int i = 0; i < times * RecordsARound; i++)
                both.Stamped.Emit(0, i);

            using MergedBatch batch = both.Merged.Read(TimeSpan.FromSeconds(1));
            foreach (MergedRecord merged in batch)
            {
                sum += merged.Time;
                records++;
            }
        }

        // How much is held follows the scheduler. More than ever afterwards, in the beginning.
        Round(times: 8);
        for (int i = 0; i < 200; i++)
            Round();

        records = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (records < 1_000_000)
            Round();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0ul, sum);
    }

    private sealed class Both : IDisposable
    {
        private readonly BpfRingReader _bpf;
        private readonly BpfTestMap _map = BpfTestMap.RingBuffer(1 << 20);

        internal Both(Wakeup wakeup)
        {
            Stamped = new StampedRingProgram(_map);
            Perf = new BpfOutput(new PerfEventReaderOptions { Fields = SampleFields.Raw | SampleFields.Time, Wakeup = wakeup });
            using BpfMap map = BpfMap.FromDescriptor(_map.Descriptor);
            _bpf = BpfRingReader.Open(map, new BpfRingReaderOptions { Wakeup = wakeup });
            Merged = MergedReader.Over([Perf.Reader, _bpf], new MergeOptions
            {
                HoldBack = TimeSpan.FromMicroseconds(100),
                StampOffset = StampedRingProgram.StampOffset,
            });
        }

        internal BpfOutput Perf { get; }

        internal StampedRingProgram Stamped { get; }

        internal MergedReader Merged { get; }

        internal ReadStatus ReadWhatIsDue(TimeSpan timeout, List<string> seen)
        {
            using MergedBatch batch = Merged.Read(timeout);
            foreach (MergedRecord merged in batch)
            {
                Assert.False(merged.IsLate);
                seen.Add(ReferenceEquals(merged.Source, _bpf)
                    ? $"bpf {BinaryPrimitives.ReadInt64LittleEndian(merged.Record.Payload[StampedRingProgram.NumberOffset..])}"
                    : $"perf on {merged.Record.Cpu}");
            }

            return batch.Status;
        }

        public void Dispose()
        {
            Merged.Dispose();
            _bpf.Dispose();
            Perf.Dispose();
            Stamped.Dispose();
            _map.Dispose();
        }
    }
}
