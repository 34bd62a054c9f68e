namespace PerfRing.Tests.SharedRings;

/// <summary>One reader, one or 64 writers.</summary>
public sealed class PlaceTests
{
    [Fact]
    public void A_second_reader_is_told_who_is_in_the_way()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        SharedRingBusyException refusal = Assert.Throws<SharedRingBusyException>(() => SharedRingReader.Open(ring));
        Assert.Equal(Environment.ProcessId, refusal.ProcessId);
        Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_writer_is_refused_where_there_is_one()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Producers = SharedRingProducers.One });
        using SharedRingWriter writer = ring.OpenWriter();
        Assert.Equal(Environment.ProcessId, Assert.Throws<SharedRingBusyException>(ring.OpenWriter).ProcessId);
    }

    [Fact]
    public void The_65th_writer_is_refused_and_takes_the_place_of_one_that_leaves()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        SharedRingWriter[] writers = [.. Enumerable.Range(0, 64).Select(_ => ring.OpenWriter())];
        Assert.Throws<SharedRingBusyException>(ring.OpenWriter);
        writers[40].Dispose();
        writers[40] = ring.OpenWriter();
        using RawRing raw = new(ring);
        Assert.Equal((1u, 2u, 1u), (raw.Generation(39), raw.Generation(40), raw.Generation(41)));
        using SharedRingReader reader = SharedRingReader.Open(ring);
        foreach (SharedRingWriter writer in writers)
            Assert.True(writer.TryWrite(1));

        Assert.Equal(64, reader.Numbers().Length);
        foreach (SharedRingWriter writer in writers)
            writer.Dispose();
    }

    [Theory]
    [InlineData(SharedRingProducers.One)]
    [InlineData(SharedRingProducers.Many)]
    public void The_next_writer_goes_on_where_the_last_one_published(SharedRingProducers producers)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Producers = producers });
        using SharedRingReader reader = SharedRingReader.Open(ring);
        for (byte i = 0; i < 10; i++)
        {
            using SharedRingWriter writer = ring.OpenWriter();
            Assert.True(writer.TryWrite(i));
        }

        Assert.Equal(Enumerable.Range(0, 10), reader.Numbers());
    }

    [Fact]
    public void The_next_reader_goes_on_where_the_last_one_released()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using SharedRingWriter writer = ring.OpenWriter();
        for (byte i = 0; i < 4; i++)
            Assert.True(writer.TryWrite(i));

        using (SharedRingReader first = SharedRingReader.Open(ring))
        {
            using RecordBatch batch = first.Read();
            foreach (Record record in batch)
            {
                if (record.Payload[0] == 1)
                {
                    batch.ReleaseThrough(record);
                    break;
                }
            }
        }

        using SharedRingReader second = SharedRingReader.Open(ring);
        Assert.Equal([2, 3], second.Numbers());
    }

    [Fact]
    public void A_writer_takes_no_place_that_a_reader_has()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        reader.Dispose();
        using SharedRingReader next = SharedRingReader.Open(ring);
        Assert.True(writer.TryWrite(1));
        Assert.Equal([1], next.Numbers());
    }
}
