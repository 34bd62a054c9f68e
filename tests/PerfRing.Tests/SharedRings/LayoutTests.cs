using System.Text;

namespace PerfRing.Tests.SharedRings;

/// <summary>The file as docs/shared-ring.md draws it: other programs, and other versions, rely on the numbers.</summary>
public sealed class LayoutTests
{
    [Theory]
    [InlineData(SharedRingProducers.One, 1u)]
    [InlineData(SharedRingProducers.Many, 2u)]
    public void The_header_is_as_documented(SharedRingProducers producers, uint mode)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 65536, Producers = producers }, isAsymmetric: true);
        using RawRing raw = new(ring);

        Assert.Equal("PRSHRING", Encoding.ASCII.GetString(raw.Bytes(0, 8)));
        Assert.Equal(1u, raw.Word(8));
        Assert.Equal((uint)RawRing.Page, raw.Word(12));
        Assert.Equal((ulong)RawRing.Data, raw[16]);
        Assert.Equal(65536ul, raw[24]);
        Assert.Equal(mode, raw.Word(32));
        Assert.Equal(64u, raw.Word(36));
        Assert.Equal(1u, raw.Word(40));
        Assert.Equal(RawRing.Data + 65536, raw.Length);
    }

    [Fact]
    public void A_ring_without_asymmetric_fences_says_so()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(null, isAsymmetric: false);
        using RawRing raw = new(ring);
        Assert.Equal(0u, raw.Word(40));
    }

    [Theory]
    [InlineData(SharedRingProducers.One)]
    [InlineData(SharedRingProducers.Many)]
    public void A_record_is_as_documented(SharedRingProducers producers)
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Producers = producers });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        Assert.True(writer.TryWrite("abcde"u8));

        Assert.Equal(16ul, raw[RawRing.Producer]);
        Assert.Equal(5u, raw.Word(RawRing.Data));
        Assert.Equal(RawRing.OwnerOf(0, 1), raw.Word(RawRing.Data + 4));
        Assert.Equal("abcde", Encoding.ASCII.GetString(raw.Bytes(RawRing.Data + 8, 5)));
    }

    [Fact]
    public void A_record_that_is_reserved_among_many_is_busy_and_names_its_writer()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using RawRing raw = new(ring);
        using SharedRingWriter first = ring.OpenWriter();
        using SharedRingWriter second = ring.OpenWriter();
        Assert.True(second.TryReserve(9, out SharedRingReservation reservation));

        Assert.Equal(24ul, raw[RawRing.Producer]);
        Assert.Equal(RawRing.Busy | 9, raw.Word(RawRing.Data));
        Assert.Equal(RawRing.OwnerOf(1, 1), raw.Word(RawRing.Data + 4));
        Assert.Equal(0ul, raw[RawRing.Lock]);
        reservation.Dispose();
        Assert.Equal(0x4000_0009u, raw.Word(RawRing.Data));
    }

    [Fact]
    public void A_record_that_is_reserved_by_the_only_producer_leaves_no_trace()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Producers = SharedRingProducers.One });
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        Assert.True(writer.TryReserve(9, out SharedRingReservation reservation));

        Assert.Equal(0ul, raw[RawRing.Producer]);
        reservation.Dispose();
        Assert.Equal(0ul, raw[RawRing.Producer]);
    }

    [Fact]
    public void A_slot_counts_its_writers_and_what_they_were_refused()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 1 });
        using RawRing raw = new(ring);
        for (uint generation = 1; generation <= 3; generation++)
        {
            using SharedRingWriter writer = ring.OpenWriter();
            Assert.True(writer.TryWrite(new byte[writer.LargestRecord]) == (generation == 1));
            Assert.False(writer.TryWrite(0));
            Assert.Equal(generation, raw.Generation(0));
            Assert.Equal((uint)Environment.ProcessId, raw.Word(RawRing.Slots + 4));
        }

        Assert.Equal(1ul + 2 + 2, raw[RawRing.Slots + 8]);
    }

    [Fact]
    public void Generations_begin_anew_with_1()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using RawRing raw = new(ring);
        raw.SetWord(RawRing.Slots, 0xff_ffff);
        using SharedRingWriter writer = ring.OpenWriter();
        Assert.Equal(1u, raw.Generation(0));
    }

    [Fact]
    public void The_consumer_position_is_stored_when_a_batch_ends()
    {
        using SharedRing ring = SharedRing.CreateAnonymous();
        using RawRing raw = new(ring);
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        Assert.True(writer.TryWrite(7));
        using (RecordBatch batch = reader.Read())
        {
            foreach (Record record in batch)
                Assert.Equal(7, record.Payload[0]);

            Assert.Equal(0ul, raw[RawRing.Consumer]);
        }

        Assert.Equal(16ul, raw[RawRing.Consumer]);
    }
}
