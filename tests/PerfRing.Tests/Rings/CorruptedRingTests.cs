using PerfRing.Abi;
using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>What no producer can have written ends a framed ring, between guard pages.</summary>
public sealed class CorruptedRingTests
{
    [Theory]
    [InlineData(33u)]
    [InlineData(4096u)]
    [InlineData(RingBufferHeader.LengthMask)]
    [InlineData(RingBufferHeader.LengthMask | RingBufferHeader.Discard)]
    public void A_length_beyond_what_was_written_is_reported_with_its_place(uint word)
    {
        using FakeFramedRing ring = new(start: 4064);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 4);
        ring.Damage(4064 + 32, word);
        List<long> shown = [];
        RingCorruptedException corruption = Assert.Throws<RingCorruptedException>(() => Walk(reader, shown));
        Assert.Equal((4096ul, (ulong)word), (corruption.Position, corruption.Header));
        Assert.Equal([1, 2], shown);
    }

    [Theory]
    [InlineData(4097ul)]
    [InlineData(1ul << 63)]
    [InlineData(ulong.MaxValue)]
    [InlineData(12ul)]
    public void A_producer_position_that_cant_be_is_reported(ulong position)
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 2);
        ring.MoveProducer(position);
        Assert.Equal(position, Assert.Throws<RingCorruptedException>(() => Shown.Numbers(reader)).Position);
    }

    [Fact]
    public void A_corrupted_ring_is_finished_and_publishes_nothing()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 4);
        ring.Damage(16, 5000);
        Assert.Throws<RingCorruptedException>(() => Walk(reader, []));
        Assert.Equal(0ul, ring.Tail);
        ring.Damage(16, 8);
        Assert.Throws<RingCorruptedException>(() => Shown.Numbers(reader));
        Assert.Equal(64, reader.AvailableBytes);
    }

    [Fact]
    public void Corruption_behind_what_is_abandoned_is_reported_by_the_next_read()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 4);
        ring.Damage(32, 5000);
        reader.Read(TimeSpan.Zero).Dispose();
        Assert.Equal(2ul, reader.Losses().Abandoned);
        Assert.Throws<RingCorruptedException>(() => Shown.Numbers(reader));
    }

    [Fact]
    public void With_a_budget_corruption_is_found_when_the_walk_gets_there()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 4);
        ring.Damage(32, 5000);
        Assert.Equal([1, 2], Shown.Numbers(reader, ReadBudget.OfRecords(10)));
        Assert.Throws<RingCorruptedException>(() => Shown.Numbers(reader, ReadBudget.OfRecords(10)));
    }

    [Fact]
    public void A_header_that_grew_after_it_was_measured_leads_nowhere()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 255);
        using RecordBatch batch = reader.Read(TimeSpan.Zero, ReadBudget.OfRecords(2), CancellationToken.None);
        ring.Damage(0, 40);
        bool found = false;
        try
        {
            foreach (Record record in batch)
                Assert.InRange(record.Payload.Length, 0, 40);
        }
        catch (RingCorruptedException)
        {
            found = true;
        }

        Assert.True(found);
    }

    [Fact]
    public void A_consumer_position_that_cant_be_is_reported()
    {
        using FakeFramedRing ring = new(start: 4);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.MoveProducer(64);
        Assert.Throws<RingCorruptedException>(() => Shown.Numbers(reader));
    }

    [Fact]
    public void Scribbling_never_leads_outside_the_mapping_nor_into_an_endless_walk()
    {
        Random random = new(20_261_127);
        for (int round = 0; round < 3_000; round++)
        {
            using FakeFramedRing ring = new(start: (ulong)random.NextInt64() & ~7ul);
            using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
            ulong start = ring.Head;
            for (int i = 0; i < 20; i++)
                ring.Write(i, random.Next(0, 200));

            for (int i = 0; i < 5; i++)
                ring.Damage(start + ((ulong)random.Next(0, 300) * 8), (uint)random.NextInt64());

            if (random.Next(3) == 0)
                ring.MoveProducer(start + (ulong)random.Next(0, 5000));

            try
            {
                for (int i = 0; i < 3; i++)
                    _ = Lengths(reader, random.Next(2) == 0 ? ReadBudget.Unlimited : ReadBudget.OfRecords(3));
            }
            catch (RingCorruptedException)
            {
                // Found, and said so: that, or records within the mapping, is all that may come of it.
            }
        }
    }

    private static long Lengths(FakeReader reader, ReadBudget budget)
    {
        long sum = 0;
        using RecordBatch batch = reader.Read(TimeSpan.Zero, budget, CancellationToken.None);
        foreach (Record record in batch)
        {
            // Touches every byte: one outside of the guards would end the process.
            foreach (byte value in record.Payload)
                sum += value;
        }

        return sum;
    }

    private static void Walk(FakeReader reader, List<long> shown)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            shown.Add(Shown.Number(record));
    }
}
