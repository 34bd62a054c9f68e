using Xunit;

namespace PerfRing.Testing;

/// <summary>What holds for every ring, whoever writes it and however it is read.</summary>
public abstract class ReadingContractTests
{
    private const int Small = 24;

    /// <summary>Opens the kind of ring with small buffers.</summary>
    internal abstract RingUnderTest Open(ReadingOptions options);

    [ContractFact]
    public void An_empty_ring_times_out()
    {
        using RingUnderTest ring = Open(new());
        ring.BeforeReading();
        using RecordBatch batch = ring.Reader.Read(TimeSpan.Zero);
        Assert.Equal(ReadStatus.TimedOut, batch.Status);
        foreach (Record record in batch)
            Assert.Fail($"an empty batch shows a record of kind {record.Kind}");
    }

    [ContractFact]
    public void One_record_is_read_as_it_was_written()
    {
        using RingUnderTest ring = Open(new());
        Assert.Equal(1, ring.Write(100));
        Assert.Equal(ring.Accepted, ring.Read());
        Assert.Empty(ring.Read());
    }

    [ContractFact]
    public void Many_records_come_once_each_and_in_the_order_of_their_ring()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 50);
        AssertSame(ring.Accepted, ring.Read());
        Assert.Empty(ring.Read());
    }

    [ContractFact]
    public void Records_of_every_size_survive_every_place_of_the_wrap()
    {
        using RingUnderTest ring = Open(new());
        List<(int, long)> read = [];
        for (int round = 0; round < 400; round++)
        {
            for (int i = 0; i < 5; i++)
                Assert.Equal(1, ring.Write(RingUnderTest.SmallestPayload + (round * 7 + i * 61) % 333));

            read.AddRange(ring.Read());
            ring.BeforeWriting();
        }

        AssertSame(ring.Accepted, read);
    }

    [ContractFact]
    public void A_budget_of_records_bounds_a_batch_and_loses_nothing()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 10);
        List<(int, long)> read = [];
        for (int i = 0; i < 5; i++)
        {
            List<(int, long)> some = ring.Read(ReadBudget.OfRecords(2));
            Assert.Equal(2, some.Count);
            read.AddRange(some);
        }

        AssertSame(ring.Accepted, read);
        Assert.Empty(ring.Read());
    }

    [ContractFact]
    public void A_budget_of_bytes_bounds_a_batch_and_loses_nothing()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 10);
        List<(int, long)> read = [];
        int batches = 0;
        while (ring.Read(ReadBudget.OfBytes(100)) is { Count: > 0 } some)
        {
            read.AddRange(some);
            batches++;
        }

        Assert.InRange(batches, 2, 10);
        AssertSame(ring.Accepted, read);
    }

    [ContractFact]
    public void A_batch_may_be_walked_twice()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 10);
        ring.BeforeReading();
        using RecordBatch batch = ring.Reader.Read(TimeSpan.Zero);
        List<(int, long)> first = [];
        List<(int, long)> second = [];
        foreach (Record record in batch)
            first.Add(ring.Identify(record));
        foreach (Record record in batch)
            second.Add(ring.Identify(record));

        AssertSame(ring.Accepted, first);
        Assert.Equal(first, second);
    }

    [ContractFact]
    public void Releasing_through_a_record_keeps_the_rest()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 10);
        ring.BeforeReading();
        List<(int, long)> read = [];
        using (RecordBatch batch = ring.Reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                read.Add(ring.Identify(record));
                if (read.Count == 3)
                {
                    batch.ReleaseThrough(record);
                    break;
                }
            }
        }

        read.AddRange(ring.Read());
        AssertSame(ring.Accepted, read);
        Assert.Equal(0ul, Sum(ring, static losses => losses.Abandoned));
    }

    [ContractFact]
    public void Records_that_were_not_visited_are_counted_as_abandoned()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 10);
        ring.BeforeReading();
        using (RecordBatch batch = ring.Reader.Read(TimeSpan.Zero))
        {
            int visited = 0;
            foreach (Record _ in batch)
            {
                if (++visited == 4)
                    break;
            }
        }

        Assert.Empty(ring.Read());
        Assert.Equal(6ul, Sum(ring, static losses => losses.Abandoned));
    }

    [ContractFact]
    public void A_handler_that_stops_keeps_the_rest()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 10);
        ring.BeforeReading();
        CountingHandler handler = new() { StopAt = 4 };
        Assert.Equal(new DrainResult(ReadStatus.Records, 4, Stopped: true), ring.Reader.Drain(ref handler));
        Assert.Equal(6, ring.Read().Count);
        Assert.Equal(0ul, Sum(ring, static losses => losses.Abandoned));
    }

    [ContractFact]
    public void A_second_read_while_a_batch_is_out_is_rejected()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small);
        ring.BeforeReading();
        RecordBatch batch = ring.Reader.Read(TimeSpan.Zero);
        Assert.Equal(ReadStatus.Records, batch.Status);
        Assert.Throws<InvalidOperationException>(() => ring.Reader.Read(TimeSpan.Zero).Dispose());
        batch.Dispose();
        ring.Reader.Read(TimeSpan.Zero).Dispose();
    }

    [ContractFact]
    public void A_batch_outlives_the_reader()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 10);
        ring.BeforeReading();
        List<(int, long)> read = [];
        using (RecordBatch batch = ring.Reader.Read(TimeSpan.Zero))
        {
            ring.Reader.Dispose();
            foreach (Record record in batch)
                read.Add(ring.Identify(record));
        }

        AssertSame(ring.Accepted, read);
        Assert.Throws<ObjectDisposedException>(() => ring.Reader.Read(TimeSpan.Zero).Dispose());
    }

    [ContractFact]
    public void The_size_of_the_buffer_is_told()
    {
        using RingUnderTest ring = Open(new());
        Assert.Equal(Environment.SystemPageSize, ring.Reader.BufferSize);
    }

    [ContractFact]
    public void Reading_allocates_nothing()
    {
        using RingUnderTest ring = Open(new());
        ReadInTwoWays(ring);
        long allocated = 0;
        for (int i = 0; i < 200; i++)
            allocated += ReadInTwoWays(ring);

        Assert.Equal(0, allocated);
    }

    internal static void AssertSame(List<(int Ring, long Number)> written, List<(int Ring, long Number)> read)
    {
        // Between rings there is no order.
        Assert.Equal(written.OrderBy(static record => record.Ring), read.OrderBy(static record => record.Ring));
    }

    internal static ulong Sum(RingUnderTest ring, Func<CpuLosses, ulong> part) =>
        ring.Reader.ReadLosses().Cpus.Aggregate(0ul, (sum, losses) => sum + part(losses));

    /// <summary>By foreach, and by a handler.</summary>
    /// <returns>The bytes that the reading allocated. Pausing and resuming, where the kind asks for it, is no hot path.</returns>
    private static long ReadInTwoWays(RingUnderTest ring)
    {
        ring.WriteUncounted(Small, 20);
        ring.BeforeReading();
        int records = 0;
        long allocated = -GC.GetAllocatedBytesForCurrentThread();
        using (RecordBatch batch = ring.Reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
                records += record.Payload.IsEmpty ? 0 : 1;
        }

        allocated += GC.GetAllocatedBytesForCurrentThread();
        ring.BeforeWriting();
        ring.WriteUncounted(Small, 20);
        ring.BeforeReading();
        CountingHandler handler = default;
        allocated -= GC.GetAllocatedBytesForCurrentThread();
        ring.Reader.Drain(ref handler);
        allocated += GC.GetAllocatedBytesForCurrentThread();
        ring.BeforeWriting();
        if (records + handler.Records != 40)
            throw new InvalidDataException($"{records} and {handler.Records} records instead of 20 each");

        return allocated;
    }

    private struct CountingHandler : IRecordHandler
    {
        internal int Records { get; private set; }

        internal int StopAt { get; init; }

        public bool Handle(Record record) => ++Records != StopAt;
    }
}
