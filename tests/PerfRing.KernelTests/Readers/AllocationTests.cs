using System.Buffers.Binary;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

[Collection(Machine.Name)]
public sealed class AllocationTests
{
    private const int BatchesWanted = 1_000;
    private const int RecordsABatch = 1_000;

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_million_records_by_foreach_allocate_nothing()
    {
        using BpfOutput output = new(new PerfEventReaderOptions { Fields = SampleFields.Raw | SampleFields.Time });
        long records = 0;
        ulong sum = 0;
        long bytes = AllocatedBy(() =>
        {
            output.Program.Emit(0, 8, RecordsABatch);
            using RecordBatch batch = output.Reader.Read(TimeSpan.FromSeconds(1));
            foreach (Record record in batch)
            {
                sum += BinaryPrimitives.ReadUInt64LittleEndian(record.Payload) + record.Time;
                records++;
            }
        });
        Assert.Equal(0, bytes);
        Assert.True(records >= BatchesWanted * RecordsABatch, $"{records} records");
        Assert.NotEqual(0ul, sum);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_million_records_by_drain_allocate_nothing()
    {
        using BpfOutput output = new(new PerfEventReaderOptions { Fields = SampleFields.Raw });
        Summing handler = default;
        long bytes = AllocatedBy(() =>
        {
            output.Program.Emit(0, 8, RecordsABatch);
            output.Reader.Drain(ref handler);
        });
        Assert.Equal(0, bytes);
        Assert.True(handler.Records >= BatchesWanted * RecordsABatch, $"{handler.Records} records");
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Reads_that_block_with_a_deadline_and_a_token_allocate_nothing()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        using CancellationTokenSource source = new();
        int timedOut = 0;
        long bytes = AllocatedBy(() =>
        {
            using RecordBatch batch = output.Reader.Read(TimeSpan.FromMicroseconds(20), source.Token);
            timedOut += batch.Status == ReadStatus.TimedOut ? 1 : 0;
        });
        Assert.Equal(0, bytes);
        Assert.True(timedOut >= BatchesWanted);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Reads_that_are_woken_by_records_allocate_nothing()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        using Metronome metronome = new(() => output.Program.Emit(0, 8));
        int woken = 0;
        long bytes = AllocatedBy(() =>
        {
            metronome.Next();
            using RecordBatch batch = output.Reader.Read();
            woken += batch.Status == ReadStatus.Records ? 1 : 0;
            foreach (Record _ in batch)
            {
            }
        });
        Assert.Equal(0, bytes);
        Assert.True(woken >= BatchesWanted);
        Assert.NotEqual(0, output.Reader.Wakeups);
    }

    /// <summary>The bytes that a thousand rounds allocate on this thread, after rounds enough for the JIT to be done.</summary>
    private static long AllocatedBy(Action round)
    {
        for (int i = 0; i < 200; i++)
            round();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < BatchesWanted; i++)
            round();

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private struct Summing : IRecordHandler
    {
        internal long Records;
        internal ulong Sum;

        public bool Handle(Record record)
        {
            Records++;
            Sum += BinaryPrimitives.ReadUInt64LittleEndian(record.Payload);
            return true;
        }
    }
}
