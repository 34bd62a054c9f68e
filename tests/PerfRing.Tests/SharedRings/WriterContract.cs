namespace PerfRing.Tests.SharedRings;

/// <summary>What every writer does, whether it is the only one or one of many.</summary>
public abstract class WriterContract : IDisposable
{
    private const int Capacity = 4096;

    private readonly SharedRing _ring;

    private protected WriterContract(SharedRingProducers producers)
    {
        _ring = SharedRing.CreateAnonymous(new() { Capacity = Capacity, Producers = producers });
        Writer = _ring.OpenWriter();
        Reader = SharedRingReader.Open(_ring);
    }

    private protected SharedRingWriter Writer { get; }

    private protected SharedRingReader Reader { get; }

    /// <summary>Records that fit with a payload of 8 bytes.</summary>
    private int Room => _ring.Capacity / 16;

    public void Dispose()
    {
        Writer.Dispose();
        Reader.Dispose();
        _ring.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Records_of_every_length_come_as_they_were_written_wherever_they_wrap()
    {
        byte[] bytes = new byte[257];
        for (int round = 0; round < 2000; round++)
        {
            int length = round * 31 % bytes.Length;
            new Random(round).NextBytes(bytes);
            Assert.True(Writer.TryWrite(bytes.AsSpan(0, length)));
            Assert.Equal(bytes[..length], Assert.Single(Reader.Payloads()));
        }
    }

    [Fact]
    public void A_record_may_be_empty()
    {
        Assert.True(Writer.TryWrite([]));
        Assert.True(Writer.TryWrite(1));
        Assert.Equal([[], [1]], Reader.Payloads());
    }

    [Fact]
    public void The_largest_record_fills_the_ring()
    {
        byte[] largest = new byte[Writer.LargestRecord];
        new Random(1).NextBytes(largest);
        Assert.True(Writer.TryWrite(1));
        Assert.False(Writer.TryWrite(largest));
        Assert.Equal([1], Reader.Numbers());

        // It begins in the middle, and so ends behind the first copy of the data.
        Assert.True(Writer.TryWrite(largest));
        Assert.Equal(_ring.Capacity, Reader.AvailableBytes);
        Assert.Equal(largest, Assert.Single(Reader.Payloads()));
        Assert.Equal(0, Reader.AvailableBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void A_record_that_can_never_fit_is_an_error(int more)
    {
        int length = (int)Math.Min(int.MaxValue, Writer.LargestRecord + (long)more);
        Assert.Throws<ArgumentOutOfRangeException>(() => Writer.TryReserve(length, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Writer.TryReserve(-more, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Writer.Reserve(-more, TimeSpan.Zero, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Writer.TryWrite(new byte[_ring.Capacity]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Writer.Write(new byte[_ring.Capacity], TimeSpan.Zero));
        Assert.True(Writer.TryWrite(1));
    }

    [Fact]
    public void What_finds_no_room_is_refused_and_counted()
    {
        for (int i = 0; i < Room; i++)
            Assert.True(Writer.TryWrite(new byte[8]));

        Assert.False(Writer.TryWrite(new byte[8]));
        Assert.False(Writer.TryWrite([]));
        Assert.False(Writer.TryReserve(1, out SharedRingReservation none));
        Assert.True(none.Bytes.IsEmpty);
        none.Dispose();
        Assert.Equal(3, Writer.Refused);
        Assert.Equal(3ul, Reader.ReadLosses().Lost);
        Assert.Equal(Room, Reader.Payloads().Length);
        Assert.True(Writer.TryWrite(new byte[8]));
        Assert.Equal(3, Writer.Refused);
    }

    [Fact]
    public void A_record_is_seen_when_its_reservation_is_committed()
    {
        Assert.True(Writer.TryReserve(3, out SharedRingReservation reservation));
        Assert.Equal(3, reservation.Bytes.Length);
        "abc"u8.CopyTo(reservation.Bytes);
        Assert.Empty(Reader.Payloads());
        reservation.Commit();
        Assert.Equal(["abc"u8.ToArray()], Reader.Payloads());
    }

    [Fact]
    public void A_reservation_that_is_not_committed_is_given_up()
    {
        Assert.True(Writer.TryReserve(3, out SharedRingReservation disposed));
        disposed.Dispose();
        Assert.True(Writer.TryWrite(1));
        Assert.True(Writer.TryReserve(3, out SharedRingReservation discarded));
        discarded.Discard();
        Assert.True(Writer.TryWrite(2));
        Assert.Equal([1, 2], Reader.Numbers());
        Assert.Equal(0ul, Reader.ReadLosses().Lost);
        Assert.False(Reader.ReadLosses().IsAny);
    }

    [Fact]
    public void A_reservation_ends_once()
    {
        Assert.True(Writer.TryReserve(1, out SharedRingReservation reservation));
        reservation.Bytes[0] = 1;
        reservation.Commit();
        Assert.Throws<InvalidOperationException>(() => EndAgain(Writer, static old => old.Commit()));
        Assert.Throws<InvalidOperationException>(() => EndAgain(Writer, static old => old.Discard()));
        EndAgain(Writer, static old => old.Dispose());
        Assert.Equal([1, 1, 1, 1], Reader.Numbers());
    }

    [Fact]
    public void A_copy_of_an_old_reservation_does_nothing_to_a_new_one()
    {
        Assert.True(Writer.TryReserve(1, out SharedRingReservation old));
        old.Bytes[0] = 1;
        old.Commit();
        Assert.True(Writer.TryReserve(1, out SharedRingReservation current));
        old.Dispose();
        current.Bytes[0] = 2;
        current.Commit();
        Assert.Equal([1, 2], Reader.Numbers());
    }

    [Fact]
    public void One_reservation_at_a_time()
    {
        Assert.True(Writer.TryReserve(1, out SharedRingReservation reservation));
        Assert.Throws<InvalidOperationException>(() => Writer.TryReserve(1, out _));
        Assert.Throws<InvalidOperationException>(() => Writer.TryWrite(1));
        Assert.Throws<InvalidOperationException>(() => Writer.Write([1], TimeSpan.Zero));
        Assert.Throws<InvalidOperationException>(() => Writer.BeginBatch());
        reservation.Bytes[0] = 7;
        reservation.Commit();
        Assert.Equal([7], Reader.Numbers());
    }

    [Fact]
    public void A_writer_that_is_disposed_writes_nothing()
    {
        Writer.Dispose();
        Writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Writer.TryWrite(1));
        Assert.Throws<ObjectDisposedException>(() => Writer.TryReserve(1, out _));
        Assert.Throws<ObjectDisposedException>(() => Writer.Write([1], TimeSpan.Zero));
        Assert.Throws<ObjectDisposedException>(() => Writer.BeginBatch());
        Assert.Equal(0, Writer.Refused);
    }

    [Fact]
    public void A_reservation_outlives_the_writer()
    {
        Assert.True(Writer.TryReserve(1, out SharedRingReservation reservation));
        Writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Writer.TryWrite(1));
        reservation.Bytes[0] = 5;
        reservation.Commit();
        Assert.Equal([5], Reader.Numbers());

        // Only now is the place free, and the mapping gone.
        Assert.True(SharedRingPlacesAreFree());
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        byte[] payload = new byte[100];
        void Round()
        {
            for (int i = 0; i < 1000; i++)
            {
                while (Writer.TryWrite(payload))
                {
                }

                using (RecordBatch batch = Reader.Read(TimeSpan.Zero))
                    Assert.True(batch.Status == ReadStatus.Records);

                Writer.TryReserve(50, out SharedRingReservation reservation);
                reservation.Commit();
                Writer.Write(payload, TimeSpan.FromSeconds(1));
                using SharedRingBatchWriter many = Writer.BeginBatch(4);
                while (many.TryWrite(payload))
                {
                }
            }
        }

        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void EndAgain(SharedRingWriter writer, Ending ending)
    {
        Assert.True(writer.TryReserve(1, out SharedRingReservation reservation));
        reservation.Bytes[0] = 1;
        reservation.Commit();
        ending(reservation);
    }

    private bool SharedRingPlacesAreFree()
    {
        using SharedRingWriter next = _ring.OpenWriter();
        using RawRing raw = new(_ring);
        return raw.Generation(0) == 2;
    }

    private delegate void Ending(SharedRingReservation reservation);
}
