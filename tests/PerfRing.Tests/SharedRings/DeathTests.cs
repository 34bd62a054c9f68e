using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>What a writer leaves that died, at each of the places where it can. The states are put together by hand: death would
/// hit the few instructions that hold the lock too seldom.</summary>
public sealed class DeathTests : IDisposable
{
    /// <summary>The slot of the writer that died, which nobody has now.</summary>
    private const int DeadSlot = 5;

    private readonly SharedRing _ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
    private readonly RawRing _raw;
    private readonly SharedRingReader _reader;

    public DeathTests()
    {
        _raw = new RawRing(_ring);
        _reader = SharedRingReader.Open(_ring);
        _raw.SetWord(RawRing.Slots + (64 * DeadSlot), 3);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _raw.Dispose();
        _ring.Dispose();
    }

    [Fact]
    public void A_lock_whose_owner_died_before_its_header_is_taken_over()
    {
        using SharedRingWriter writer = _ring.OpenWriter();
        _raw[RawRing.Lock] = RawRing.LockOf(DeadSlot, 3);
        Assert.True(writer.TryWrite(1));
        Assert.Equal(0ul, _raw[RawRing.Lock]);
        Assert.Equal([1], _reader.Numbers());
        Assert.Equal(0ul, _reader.ReadLosses().Cpus[0].Orphaned);
    }

    [Fact]
    public void A_header_whose_writer_died_before_the_position_is_written_over()
    {
        using SharedRingWriter writer = _ring.OpenWriter();
        _raw[RawRing.Lock] = RawRing.LockOf(DeadSlot, 3);
        _raw[RawRing.Data] = Header(100, DeadSlot, 3);
        Assert.Empty(_reader.Numbers());
        Assert.True(writer.TryWrite(1));
        Assert.Equal([1], _reader.Numbers());
        Assert.Equal(0ul, _reader.ReadLosses().Cpus[0].Orphaned);
    }

    [Fact]
    public void A_record_whose_writer_died_with_the_lock_is_passed_over_and_counted()
    {
        using SharedRingWriter writer = _ring.OpenWriter();
        _raw[RawRing.Lock] = RawRing.LockOf(DeadSlot, 3);
        _raw[RawRing.Data] = Header(100, DeadSlot, 3);
        _raw[RawRing.Producer] = 112;
        Assert.True(writer.TryWrite(1));
        Assert.Equal([1], _reader.Numbers());
        AssertOneOrphan();
    }

    [Fact]
    public void A_record_whose_writer_died_after_the_claim_is_passed_over_and_counted()
    {
        using SharedRingWriter writer = _ring.OpenWriter();
        Assert.True(writer.TryWrite(1));
        Leave(16, 100, DeadSlot, 3);
        Assert.True(writer.TryWrite(2));
        Assert.Equal([1], _reader.Numbers());
        Assert.Equal([2], _reader.Numbers());
        AssertOneOrphan();
    }

    [Fact]
    public void A_ring_full_of_a_dead_writers_record_is_free_when_the_reader_looks()
    {
        using SharedRingWriter writer = _ring.OpenWriter();
        Leave(0, 4088, DeadSlot, 3);
        Assert.False(writer.TryWrite(1));
        Assert.Empty(_reader.Numbers());
        Assert.True(writer.TryWrite(1));
        Assert.Equal([1], _reader.Numbers());
        Assert.Equal(2ul, _reader.ReadLosses().Lost);
    }

    [Fact]
    public void A_slot_with_a_new_writer_tells_that_the_old_one_is_gone()
    {
        _ring.OpenWriter().Dispose();
        using SharedRingWriter writer = _ring.OpenWriter();
        Leave(0, 8, 0, _raw.Generation(0) - 1);
        Assert.True(writer.TryWrite(1));
        Assert.Equal([1], _reader.Numbers());
        AssertOneOrphan();
    }

    [Fact]
    public void A_lock_with_an_old_owner_of_a_slot_that_is_taken_is_taken_over()
    {
        using SharedRingWriter first = _ring.OpenWriter();
        using SharedRingWriter second = _ring.OpenWriter();
        _raw[RawRing.Lock] = RawRing.LockOf(0, 0xff_ffff);
        Assert.True(second.TryWrite(1));
        Assert.Equal([1], _reader.Numbers());
    }

    [Fact]
    public void A_new_writer_frees_the_lock_of_the_last_one_in_its_slot()
    {
        _raw[RawRing.Lock] = RawRing.LockOf(0, 7);
        _raw.SetWord(RawRing.Slots, 7);
        using SharedRingWriter writer = _ring.OpenWriter();
        Assert.Equal(0ul, _raw[RawRing.Lock]);
    }

    [Fact]
    public void A_lock_whose_owner_lives_is_never_taken()
    {
        using SharedRingWriter stalled = _ring.OpenWriter();
        using SharedRingWriter writer = _ring.OpenWriter();
        ulong held = RawRing.LockOf(0, _raw.Generation(0));
        _raw[RawRing.Lock] = held;
        Assert.False(writer.TryWrite(1));
        Assert.False(writer.Write([1], TimeSpan.FromMilliseconds(20)));
        Assert.Equal(held, _raw[RawRing.Lock]);
        Assert.Equal(2, writer.Refused);

        // It goes on.
        OtherThread thread = new(() => Assert.True(writer.Write([2], Timeout.InfiniteTimeSpan)));
        thread.UntilItSleeps();
        _raw[RawRing.Lock] = 0;
        thread.Join();
        Assert.Equal([2], _reader.Numbers());
    }

    [Fact]
    public void A_writer_that_waits_for_a_lock_takes_it_when_its_owner_dies()
    {
        SharedRingWriter stalled = _ring.OpenWriter();
        using SharedRingWriter writer = _ring.OpenWriter();
        _raw[RawRing.Lock] = RawRing.LockOf(0, _raw.Generation(0));
        OtherThread thread = new(() => Assert.True(writer.Write([2], Timeout.InfiniteTimeSpan)));
        thread.UntilItSleeps();
        stalled.Dispose();
        thread.Join();
        Assert.Equal([2], _reader.Numbers());
    }

    [Fact]
    public void A_record_whose_writer_lives_is_never_passed_over()
    {
        using SharedRingWriter stalled = _ring.OpenWriter();
        using SharedRingWriter writer = _ring.OpenWriter();
        Assert.True(stalled.TryReserve(1, out SharedRingReservation reservation));
        Assert.True(writer.TryWrite(2));
        Assert.Equal(ReadStatus.TimedOut, _reader.Next(TimeSpan.FromMilliseconds(100)).Status);
        reservation.Bytes[0] = 1;
        reservation.Commit();
        Assert.Equal([1, 2], _reader.Numbers());
        Assert.Equal(0ul, _reader.ReadLosses().Lost);
    }

    [Fact]
    public void A_reader_that_sleeps_over_a_record_finds_out_that_its_writer_died()
    {
        using SharedRingWriter writer = _ring.OpenWriter();

        // A slot that is taken while the reader goes to sleep, and then left without another word.
        SharedRingWriter dying = _ring.OpenWriter();
        Leave(0, 8, 1, _raw.Generation(1));
        Assert.True(writer.TryWrite(2));
        _reader.Dispose();
        using SharedRingReader reader = SharedRingReader.Open(_ring, Reading.WhenWoken);
        OtherThread thread = new(() => Assert.Equal((ReadStatus.Records, 1), reader.Next()));
        thread.UntilItSleeps();
        dying.Dispose();
        thread.Join();
        Assert.Equal(1ul, reader.ReadLosses().Cpus[0].Orphaned);
    }

    [Theory]
    [InlineData(64, 1u)]
    [InlineData(255, 1u)]
    [InlineData(0, 0u)]
    public void A_lock_that_names_nobody_is_corruption(int slot, uint generation)
    {
        using SharedRingWriter writer = _ring.OpenWriter();
        _raw[RawRing.Lock] = RawRing.LockOf(slot, generation);
        Assert.Throws<RingCorruptedException>(() => writer.TryWrite(1));
        _raw[RawRing.Lock] = 0;
        Assert.True(writer.TryWrite(1));
    }

    [Theory]
    [InlineData(64, 1u)]
    [InlineData(255, 1u)]
    [InlineData(0, 0u)]
    public void An_unfinished_record_of_nobody_is_corruption(int slot, uint generation)
    {
        Leave(0, 8, slot, generation);
        RingCorruptedException corruption = Assert.Throws<RingCorruptedException>(() => _reader.Numbers());
        Assert.Equal(0ul, corruption.Position);
        Assert.Throws<RingCorruptedException>(() => _reader.Numbers());
    }

    [Fact]
    public void An_unfinished_record_of_the_only_producer_is_corruption()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Producers = SharedRingProducers.One });
        using RawRing raw = new(ring);
        raw[RawRing.Data] = Header(8, 0, 1);
        raw[RawRing.Producer] = 16;
        using SharedRingReader reader = SharedRingReader.Open(ring);
        Assert.Throws<RingCorruptedException>(() => reader.Numbers());
    }

    private static ulong Header(uint length, int slot, uint generation) =>
        ((ulong)RawRing.OwnerOf(slot, generation) << 32) | RawRing.Busy | length;

    /// <summary>A record that was claimed, and no more.</summary>
    private void Leave(int position, uint length, int slot, uint generation)
    {
        _raw[RawRing.Data + position] = Header(length, slot, generation);
        _raw[RawRing.Producer] = (ulong)position + ((length + 15) & ~7u);
    }

    private void AssertOneOrphan()
    {
        LossLedger losses = _reader.ReadLosses();
        Assert.Equal((1ul, 1ul), (losses.Cpus[0].Orphaned, losses.Lost));
        Assert.True(losses.IsExact);
    }
}
