using System.Buffers.Binary;
using System.Diagnostics;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Staging;

/// <summary>Readers with staging on the real kernel: what was produced is delivered or lost, exactly.</summary>
[Collection(Machine.Name)]
public sealed class StagedReadingTests
{
    private const int Rounds = 2_000;

    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly StagingOptions Small = new() { Capacity = 4 * Environment.SystemPageSize };

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(1)]
    [InlineData(2)]
    public void Under_overload_what_a_perf_ring_got_is_delivered_plus_lost_exactly(int cpus)
    {
        int[] online = [.. MachineCpus.Online().Take(cpus)];
        using BpfOutput output = new(BpfOutput.OnePage with { Staging = Small });
        long[] delivered = new long[MachineCpus.IdLimit];
        long[] next = new long[MachineCpus.IdLimit];
        ReadWhile(output.Reader, Emitting(online, output.Program), record =>
        {
            if (record.Kind != RecordKind.Sample)
                return;

            long sequence = BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
            Assert.True(sequence >= next[record.Cpu], $"record {sequence} came after {next[record.Cpu] - 1}");
            next[record.Cpu] = sequence + 1;
            delivered[record.Cpu]++;
        });

        LossLedger losses = output.Reader.ReadLosses();
        Assert.True(losses.IsExact);
        foreach (int cpu in online)
        {
            BpfOutputCounts counts = output.Program.Counts(cpu);
            Assert.Equal(counts.Attempts, delivered[cpu] + (long)losses.Cpus.Single(c => c.Cpu == cpu).Lost!);
            Assert.Equal(counts.Accepted, delivered[cpu]);
        }
    }

    [KernelFact(Needs.Bpf)]
    public void What_a_BPF_ring_buffer_took_is_delivered_and_no_wakeup_is_lost()
    {
        using Readers.BpfRing ring = new(Readers.BpfRing.Never with { Staging = Small });
        long delivered = 0;
        long next = 0;
        ReadWhile(ring.Reader, Emitting([MachineCpus.Online()[0]], ring.Program), record =>
        {
            long sequence = BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
            Assert.True(sequence >= next, $"record {sequence} came after {next - 1}");
            next = sequence + 1;
            delivered++;
        });
        BpfOutputCounts counts = ring.Program.Counts(MachineCpus.Online()[0]);
        Assert.Equal(counts.Accepted, delivered);
        Assert.NotEqual(0, delivered);
    }

    [KernelFact(Needs.Bpf)]
    public void A_record_that_comes_while_the_one_before_is_moved_wakes_the_thread_or_is_found_by_it()
    {
        // The program wakes only whoever has caught up: between the thread's look and its store of the position it does not. Much is
        // moved, so that this takes long.
        const int many = 100;
        using Readers.BpfRing ring = new(Readers.BpfRing.Never with { Staging = new StagingOptions() }, pages: 16);
        int cpu = MachineCpus.Online()[^1];
        for (int round = 0; round < 5_000; round++)
        {
            ring.Program.Emit(cpu, 400, many);
            Thread.SpinWait(round * 7 % 2_000);
            ring.Program.Emit(cpu, 8);
            for (int seen = 0; seen <= many;)
            {
                int records = Count(ring.Reader, TimeSpan.FromSeconds(10), out ReadStatus status);
                Assert.True(status == ReadStatus.Records, $"round {round}: {seen} records, then {status}");
                seen += records;
            }
        }
    }

    [KernelFact(Needs.Bpf)]
    public void Records_that_are_held_for_long_and_discarded_ones_are_moved_in_their_order()
    {
        int cpu = MachineCpus.Online()[0];
        using Readers.BpfRing ring = new(Readers.BpfRing.Never with { Staging = Small });
        List<long> expected = [];
        List<long> read = [];
        ReadWhile(
            ring.Reader,
            () =>
            {
                for (int number = 0; number < 500; number++)
                {
                    bool discarded = number % 3 == 0;
                    bool written = discarded
                        ? ring.Reserve.Discard(cpu, number, hold: number % 50)
                        : ring.Reserve.Submit(cpu, number, hold: number % 200);
                    if (written && !discarded)
                        expected.Add(number);
                }
            },
            record => read.Add(BinaryPrimitives.ReadInt64LittleEndian(record.Payload)));
        Assert.Equal(expected, read);
        Assert.NotEmpty(read);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_single_record_arrives_without_a_longest_delay()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Never, Staging = Small });
        for (int round = 0; round < 500; round++)
        {
            using Waiting waiting = new(output.Reader, ownsReader: false);
            output.Program.Emit(0, 8);
            Assert.Equal((ReadStatus.Records, 1), waiting.Result());
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Below_the_threshold_a_flush_brings_what_is_in_the_kernels_rings()
    {
        using BpfOutput output = new(
            BpfOutput.OnePage with { Wakeup = Wakeup.AfterEvents(100).Within(Timeout.InfiniteTimeSpan), Staging = Small });
        foreach (int cpu in MachineCpus.Online())
            output.Program.Emit(cpu, 8, 5);

        int expected = 5 * MachineCpus.Online().Length;
        Assert.Equal(0, Count(output.Reader, TimeSpan.Zero, out _));
        output.Reader.Flush();
        int records = 0;
        ReadStatus status;
        do
        {
            records += Count(output.Reader, TimeSpan.FromSeconds(10), out status);
        }
        while (status == ReadStatus.Records);

        Assert.Equal((ReadStatus.Flushed, expected), (status, records));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Reads_that_are_woken_through_the_thread_allocate_nothing()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Never, Staging = Small });
        using Metronome metronome = new(() => output.Program.Emit(0, 8));
        void Round()
        {
            metronome.Next();
            using RecordBatch batch = output.Reader.Read();
            foreach (Record _ in batch)
            {
            }
        }

        for (int i = 0; i < 200; i++)
            Round();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            Round();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, output.Reader.Wakeups);
    }

    [KernelFact(Needs.PerfEvents)]
    public void What_a_process_left_is_delivered_before_the_end()
    {
        ProcessStartInfo start = new(
            "/bin/sh", ["-c", "read go; i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done"]);
        start.RedirectStandardInput = true;
        using Process child = Process.Start(start)!;
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Tracepoint("raw_syscalls:sys_enter"),
            new PerfEventReaderOptions { ProcessId = child.Id, Wakeup = Wakeup.AfterBytes(3000).Within(Timeout.InfiniteTimeSpan), Staging = Small });
        child.StandardInput.WriteLine();
        long delivered = 0;
        while (true)
        {
            using RecordBatch batch = reader.Read(TimeSpan.FromSeconds(60));
            if (batch.Status != ReadStatus.Records)
            {
                Assert.Equal(ReadStatus.Completed, batch.Status);
                break;
            }

            foreach (Record record in batch)
                delivered += record.Kind == RecordKind.Sample ? 1 : 0;
        }

        child.WaitForExit();
        Assert.Equal(
            reader.ReadCounts().Aggregate(0ul, static (sum, count) => sum + count.Value),
            (ulong)delivered + reader.ReadLosses().Lost!.Value);
        Assert.InRange(delivered, 200, long.MaxValue);
    }

    private static Action Emitting(int[] cpus, BpfOutputProgram program) => () =>
    {
        for (int round = 0; round < Rounds; round++)
        {
            foreach (int cpu in cpus)
                program.Emit(cpu, 8 + (round % 50), 1 + (round * 7 % 400));
        }
    };

    /// <summary>Reads without a bound while a thread writes, and then what is left.</summary>
    private static void ReadWhile(RingReader reader, Action write, Take take)
    {
        bool over = false;
        Exception? failure = null;
        Thread writer = new(() =>
        {
            try
            {
                write();
            }
            catch (Exception e) when (e is SystemCallException or InvalidOperationException)
            {
                failure = e;
            }

            Volatile.Write(ref over, true);
            reader.Flush();
        });
        writer.Start();
        while (true)
        {
            using RecordBatch batch = reader.Read(TimeSpan.FromSeconds(60));
            Assert.NotEqual(ReadStatus.TimedOut, batch.Status);
            if (batch.Status == ReadStatus.Flushed)
                break;

            foreach (Record record in batch)
                take(record);
        }

        writer.Join();
        Assert.Null(failure);
        Assert.True(over);
    }

    private static int Count(RingReader reader, TimeSpan timeout, out ReadStatus status)
    {
        using RecordBatch batch = reader.Read(timeout);
        status = batch.Status;
        int records = 0;
        foreach (Record _ in batch)
            records++;

        return records;
    }

    private delegate void Take(Record record);
}
