namespace PerfRing.Tests.SharedRings;

public sealed class BatchWriterTests : IDisposable
{
    private readonly SharedRing _one = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = SharedRingProducers.One });
    private readonly SharedRing _many = SharedRing.CreateAnonymous(new() { Capacity = 4096 });

    public void Dispose()
    {
        _one.Dispose();
        _many.Dispose();
    }

    [Theory]
    [InlineData(1, new[] { 1, 2, 3, 4, 5 })]
    [InlineData(2, new[] { 0, 2, 2, 4, 4 })]
    [InlineData(100, new[] { 0, 0, 0, 0, 0 })]
    public void Records_of_the_only_producer_are_seen_when_they_are_published(int every, int[] seen)
    {
        using SharedRingWriter writer = _one.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(_one);
        int total = 0;
        using (SharedRingBatchWriter batch = writer.BeginBatch(every))
        {
            for (byte i = 0; i < seen.Length; i++)
            {
                Assert.True(batch.TryWrite([i]));
                total += reader.Numbers().Length;
                Assert.Equal(seen[i], total);
            }
        }

        Assert.Equal(seen.Length, total + reader.Numbers().Length);
    }

    [Theory]
    [InlineData(SharedRingProducers.One)]
    [InlineData(SharedRingProducers.Many)]
    public void A_batch_that_ended_publishes_nothing_also_when_its_writer_is_gone(SharedRingProducers producers)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = producers });
        SharedRingWriter writer = ring.OpenWriter();
        SharedRingBatchWriter batch = writer.BeginBatch(4);
        batch.TryWrite([1]);
        batch.Dispose();
        writer.Dispose();
        bool refused = false;
        try
        {
            batch.Publish();
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Assert.True(refused);
    }

    [Fact]
    public void Records_of_one_among_many_are_seen_when_they_are_committed()
    {
        using SharedRingWriter writer = _many.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(_many);
        using SharedRingBatchWriter batch = writer.BeginBatch(100);
        Assert.True(batch.TryReserve(1, out Span<byte> bytes));
        bytes[0] = 4;
        Assert.Empty(reader.Numbers());
        batch.Commit();
        Assert.Equal([4], reader.Numbers());
    }

    [Fact]
    public void What_was_committed_can_be_published_at_once()
    {
        using SharedRingWriter writer = _one.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(_one);
        using SharedRingBatchWriter batch = writer.BeginBatch(100);
        Assert.True(batch.TryWrite([1]));
        batch.Publish();
        Assert.Equal([1], reader.Numbers());
    }

    [Theory]
    [InlineData(SharedRingProducers.One)]
    [InlineData(SharedRingProducers.Many)]
    public void A_record_that_is_not_committed_is_given_up(SharedRingProducers producers)
    {
        SharedRing ring = Ring(producers);
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        using (SharedRingBatchWriter batch = writer.BeginBatch(3))
        {
            Assert.True(batch.TryReserve(100, out _));
            Assert.True(batch.TryReserve(1, out Span<byte> bytes));
            bytes[0] = 1;
            batch.Commit();
            Assert.True(batch.TryReserve(20, out _));
        }

        Assert.True(writer.TryWrite(2));
        Assert.Equal([1, 2], reader.Numbers());
        Assert.False(reader.ReadLosses().IsAny);
    }

    [Theory]
    [InlineData(SharedRingProducers.One)]
    [InlineData(SharedRingProducers.Many)]
    public void A_full_ring_refuses_publishes_what_there_is_and_goes_on_when_there_is_room(SharedRingProducers producers)
    {
        SharedRing ring = Ring(producers);
        int room = ring.Capacity / 16;
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        using SharedRingBatchWriter batch = writer.BeginBatch(10_000);
        for (int lap = 0; lap < 3; lap++)
        {
            for (int i = 0; i < room; i++)
                Assert.True(batch.TryWrite(new byte[8]));

            Assert.False(batch.TryWrite(new byte[8]));
            Assert.False(batch.TryReserve(0, out Span<byte> none));
            Assert.True(none.IsEmpty);
            Assert.Equal(room, reader.Payloads().Length);
        }

        Assert.Equal(6, writer.Refused);
        Assert.Equal(6ul, reader.ReadLosses().Lost);
    }

    [Theory]
    [InlineData(SharedRingProducers.One)]
    [InlineData(SharedRingProducers.Many)]
    public void Lengths_are_checked_and_may_be_anything_in_the_range(SharedRingProducers producers)
    {
        SharedRing ring = Ring(producers);
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.BeginBatch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reserve(writer, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reserve(writer, ring.LargestRecord + 1));
        Assert.Throws<InvalidOperationException>(() => CommitNothing(writer));
        for (int length = 0; length < 200; length++)
        {
            byte[] bytes = new byte[length];
            new Random(length).NextBytes(bytes);
            using (SharedRingBatchWriter batch = writer.BeginBatch())
                Assert.True(batch.TryWrite(bytes));

            Assert.Equal(bytes, Assert.Single(reader.Payloads()));
        }
    }

    [Fact]
    public void The_writer_is_taken_until_the_batch_ends()
    {
        using SharedRingWriter writer = _one.OpenWriter();
        SharedRingBatchWriter batch = writer.BeginBatch();
        Assert.Throws<InvalidOperationException>(() => writer.TryWrite(1));
        Assert.Throws<InvalidOperationException>(() => writer.BeginBatch());
        batch.Dispose();
        batch.Dispose();
        Assert.True(writer.TryWrite(1));
    }

    [Theory]
    [InlineData(SharedRingProducers.One)]
    [InlineData(SharedRingProducers.Many)]
    public void A_batch_that_was_disposed_writes_nothing(SharedRingProducers producers)
    {
        SharedRing ring = Ring(producers);
        using SharedRingWriter writer = ring.OpenWriter();
        Assert.Throws<InvalidOperationException>(() =>
        {
            SharedRingBatchWriter batch = writer.BeginBatch();
            batch.Dispose();
            batch.TryWrite([1]);
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            SharedRingBatchWriter batch = writer.BeginBatch();
            Assert.True(batch.TryReserve(1, out _));
            batch.Dispose();
            batch.Commit();
        });
        Assert.True(writer.TryWrite(1));
    }

    [Fact]
    public void Two_copies_of_a_batch_do_not_publish_over_each_other()
    {
        using SharedRingWriter writer = _one.OpenWriter();
        Assert.Throws<InvalidOperationException>(() =>
        {
            using SharedRingBatchWriter batch = writer.BeginBatch();
            WriteInto(batch, 1);
            batch.TryWrite([2]);
        });
        Assert.True(writer.TryWrite(3));
    }

    [Fact]
    public void A_copy_of_a_batch_does_not_commit_a_record_twice()
    {
        using SharedRingWriter writer = _many.OpenWriter();
        Assert.Throws<InvalidOperationException>(() =>
        {
            using SharedRingBatchWriter batch = writer.BeginBatch();
            Assert.True(batch.TryReserve(1, out _));
            CommitIn(batch);
            batch.Commit();
        });
        Assert.True(writer.TryWrite(3));
    }

    [Fact]
    public void A_batch_outlives_the_writer()
    {
        using SharedRingWriter writer = _one.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(_one);
        using (SharedRingBatchWriter batch = writer.BeginBatch(5))
        {
            Assert.True(batch.TryWrite([1]));
            writer.Dispose();
            Assert.True(batch.TryWrite([2]));
        }

        Assert.Equal([1, 2], reader.Numbers());
        using SharedRingWriter next = _one.OpenWriter();
    }

    private static void WriteInto(SharedRingBatchWriter copy, byte number) => copy.TryWrite([number]);

    private static void CommitIn(SharedRingBatchWriter copy) => copy.Commit();

    private static void Reserve(SharedRingWriter writer, int length)
    {
        using SharedRingBatchWriter batch = writer.BeginBatch();
        batch.TryReserve(length, out _);
    }

    private static void CommitNothing(SharedRingWriter writer)
    {
        using SharedRingBatchWriter batch = writer.BeginBatch();
        batch.Commit();
    }

    private SharedRing Ring(SharedRingProducers producers) => producers == SharedRingProducers.One ? _one : _many;
}
