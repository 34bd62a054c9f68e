namespace PerfRing.Tests.SharedRings;

/// <summary>Positions and headers that nobody stores, each alone.</summary>
public sealed class CorruptionTests
{
    [Theory]
    [InlineData(1ul)]
    [InlineData(4104ul)]
    [InlineData(ulong.MaxValue - 7)]
    public void A_producer_position_that_can_not_be_ends_reading(ulong position)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using RawRing raw = new(ring);
        using SharedRingReader reader = SharedRingReader.Open(ring);
        raw[RawRing.Producer] = position;
        RingCorruptedException corruption = Assert.Throws<RingCorruptedException>(() => reader.Next(TimeSpan.Zero));
        Assert.Equal(position, corruption.Position);
        Assert.Throws<RingCorruptedException>(() => reader.Next(Timeout.InfiniteTimeSpan));
        reader.Dispose();
        Assert.Throws<RingCorruptedException>(() => SharedRingReader.Open(ring));
        Assert.Throws<RingCorruptedException>(ring.OpenWriter);

        // Nothing is held by those who were turned away.
        raw[RawRing.Producer] = 0;
        using SharedRingReader next = SharedRingReader.Open(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        Assert.True(writer.TryWrite(1));
        Assert.Equal([1], next.Numbers());
    }

    [Theory]
    [InlineData(SharedRingProducers.One, 1ul)]
    [InlineData(SharedRingProducers.One, 4096ul + 8)]
    [InlineData(SharedRingProducers.Many, 1ul)]
    [InlineData(SharedRingProducers.Many, 4096ul + 8)]
    [InlineData(SharedRingProducers.Many, ulong.MaxValue - 4095 - 8)]
    public void A_consumer_position_that_can_not_be_is_told_to_the_writer(SharedRingProducers producers, ulong position)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = producers });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        for (int i = 0; i < 256; i++)
            Assert.True(writer.TryWrite(1));

        raw[RawRing.Consumer] = position;
        Assert.Throws<RingCorruptedException>(() => writer.TryWrite(1));
        Assert.Throws<RingCorruptedException>(() => writer.TryReserve(1, out _));
        Assert.Throws<RingCorruptedException>(() => writer.Write([1], TimeSpan.FromSeconds(1)));
        Assert.Throws<RingCorruptedException>(() =>
        {
            using SharedRingBatchWriter batch = writer.BeginBatch();
            batch.TryWrite([1]);
        });
        Assert.Equal(0, writer.Refused);
        Assert.Throws<RingCorruptedException>(() => SharedRingReader.Open(ring));

        // Nothing is left locked, and nothing was written.
        raw[RawRing.Consumer] = 16;
        Assert.True(writer.TryWrite(1));
    }

    [Theory]
    [InlineData(1ul)]
    [InlineData(12ul)]
    public void A_producer_position_that_can_not_be_is_told_to_one_of_many_writers(ulong position)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        raw[RawRing.Producer] = position;
        Assert.Throws<RingCorruptedException>(() => writer.TryWrite(1));
        raw[RawRing.Producer] = 0;
        Assert.True(writer.TryWrite(1));
    }

    [Theory]
    [InlineData(9u)]
    [InlineData(4096u)]
    [InlineData(0x3fff_ffffu)]
    [InlineData(0x7fff_ffffu)]
    public void A_length_that_reaches_beyond_what_was_written_ends_reading(uint length)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        Assert.True(writer.TryWrite(1));
        raw.SetWord(RawRing.Data, length);
        Assert.Equal(0ul, Assert.Throws<RingCorruptedException>(() => reader.Next(TimeSpan.Zero)).Position);
    }

    [Fact]
    public void Records_that_change_under_the_reader_are_corruption_when_they_are_released()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        for (int i = 0; i < 10; i++)
            Assert.True(writer.TryWrite(new byte[8]));

        Assert.Throws<RingCorruptedException>(() =>
        {
            using RecordBatch batch = reader.Read();
            foreach (Record record in batch)
            {
                raw.SetWord(RawRing.Data, 500);
                batch.ReleaseThrough(record);
            }
        });
        Assert.Throws<RingCorruptedException>(() => reader.Next(TimeSpan.Zero));
        Assert.Equal(0ul, raw[RawRing.Consumer]);
    }

    [Fact]
    public void A_length_in_the_middle_of_a_batch_ends_reading_there()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        for (int i = 0; i < 10; i++)
            Assert.True(writer.TryWrite(new byte[8]));

        raw.SetWord(RawRing.Data + (16 * 6), 4000);
        int shown = 0;
        Assert.Throws<RingCorruptedException>(() =>
        {
            using RecordBatch batch = reader.Read();
            foreach (Record record in batch)
                shown++;
        });
        Assert.Equal(6, shown);
    }
}
