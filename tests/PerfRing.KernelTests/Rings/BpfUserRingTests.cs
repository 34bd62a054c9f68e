using PerfRing.Testing;

namespace PerfRing.KernelTests.Rings;

[Collection(Machine.Name)]
public sealed class BpfUserRingTests
{
    [KernelFact(Needs.Bpf)]
    public void Records_arrive_in_the_order_in_which_they_were_reserved()
    {
        using UserRingEcho echo = new();
        echo.Write(1, 8);
        echo.Write(2, 100);
        echo.Write(3, 0);
        echo.Write(4, 3);
        echo.AssertDrains((1, 8), (2, 100), (3, 0), (4, 3));
        Assert.Equal(0, echo.Ring.AvailableBytes);
    }

    [KernelFact(Needs.Bpf)]
    public void A_written_span_arrives_as_it_is()
    {
        using UserRingEcho echo = new();
        byte[] record = new byte[33];
        UserRingEcho.Fill(record, 5);
        Assert.True(echo.Ring.TryWrite(record));
        Assert.True(echo.Ring.Write(record, TimeSpan.FromSeconds(1)));
        echo.AssertDrains((5, 33), (5, 33));
    }

    [KernelFact(Needs.Bpf)]
    public void A_discarded_record_is_not_delivered_and_those_around_it_are()
    {
        using UserRingEcho echo = new();
        echo.Write(1, 8);
        Assert.True(echo.Ring.TryReserve(64, out BpfUserReservation discarded));
        UserRingEcho.Fill(discarded.Bytes, 2);
        discarded.Discard();
        echo.Write(3, 16);
        echo.AssertDrains((1, 8), (3, 16));
    }

    [KernelFact(Needs.Bpf)]
    public void A_reservation_that_leaves_its_using_block_without_a_submit_is_discarded()
    {
        using UserRingEcho echo = new();
        Assert.True(echo.Ring.TryReserve(8, out BpfUserReservation reservation));
        using (reservation)
            UserRingEcho.Fill(reservation.Bytes, 1);

        echo.Write(2, 8);
        echo.AssertDrains((2, 8));
    }

    [KernelFact(Needs.Bpf)]
    public void Nothing_behind_an_open_reservation_is_drained_until_it_is_submitted()
    {
        using UserRingEcho echo = new();
        Assert.True(echo.Ring.TryReserve(24, out BpfUserReservation first));
        Assert.True(echo.Ring.TryReserve(40, out BpfUserReservation second));
        UserRingEcho.Fill(second.Bytes, 2);
        second.Submit();
        Assert.Equal(0, echo.Drain());
        Assert.Equal(32 + 48, echo.Ring.AvailableBytes);

        UserRingEcho.Fill(first.Bytes, 1);
        first.Submit();
        echo.AssertDrains((1, 24), (2, 40));
    }

    [KernelFact(Needs.Bpf)]
    public void A_full_ring_answers_false_and_has_room_again_once_it_was_drained()
    {
        using UserRingEcho echo = new();
        int written = 0;
        while (echo.TryWrite(written, 24))
            written++;

        Assert.Equal(Environment.SystemPageSize / 32, written);
        Assert.Equal(echo.Ring.BufferSize, echo.Ring.AvailableBytes);
        Assert.False(echo.Ring.TryReserve(0, out _));
        Assert.False(echo.Ring.TryWrite([]));
        echo.AssertDrains([.. Enumerable.Range(0, written).Select(number => (number, 24))]);
        echo.Write(7, 24);
        echo.AssertDrains((7, 24));
    }

    [KernelFact(Needs.Bpf)]
    public void The_largest_record_fills_the_ring_and_arrives()
    {
        using UserRingEcho echo = new();
        Assert.Equal(Environment.SystemPageSize - 8, echo.Ring.LargestRecord);
        echo.Write(1, echo.Ring.LargestRecord);
        Assert.Equal(echo.Ring.BufferSize, echo.Ring.AvailableBytes);
        echo.AssertDrains((1, echo.Ring.LargestRecord));
    }

    [KernelFact(Needs.Bpf)]
    public void The_largest_record_of_a_huge_ring_is_what_the_kernel_can_hand_to_a_program()
    {
        using UserRingEcho echo = new(1 << 25);
        Assert.Equal((1 << 24) - 1, echo.Ring.LargestRecord);
        echo.Write(1, echo.Ring.LargestRecord);
        echo.AssertDrains((1, echo.Ring.LargestRecord));
        Assert.Throws<ArgumentOutOfRangeException>(() => echo.Ring.TryReserve(1 << 24, out _));
    }

    [KernelFact(Needs.Bpf)]
    public void A_record_that_never_fits_is_refused_with_the_largest_length()
    {
        using UserRingEcho echo = new();
        int largest = echo.Ring.LargestRecord;
        ArgumentOutOfRangeException reserve = Assert.Throws<ArgumentOutOfRangeException>(
            () => echo.Ring.TryReserve(largest + 1, out _));
        Assert.Contains($"{largest} bytes (LargestRecord)", reserve.Message, StringComparison.Ordinal);
        ArgumentOutOfRangeException write = Assert.Throws<ArgumentOutOfRangeException>(
            () => echo.Ring.TryWrite(new byte[largest + 1]));
        Assert.Contains($"{largest} bytes (LargestRecord)", write.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => echo.Ring.TryReserve(-1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => echo.Ring.TryReserve(int.MaxValue, out _));
        Assert.Equal(0, echo.Ring.AvailableBytes);
    }

    [KernelFact(Needs.Bpf)]
    public void Copies_of_a_reservation_that_was_ended_do_nothing()
    {
        using UserRingEcho echo = new();
        Assert.True(echo.Ring.TryReserve(16, out BpfUserReservation reservation));
        BpfUserReservation copy = reservation;
        UserRingEcho.Fill(reservation.Bytes, 1);
        reservation.Submit();
        copy.Discard();
        copy.Dispose();
        echo.AssertDrains((1, 16));

        // The whole ring further on, a reservation of the same length stands in the same place and in the same slot.
        for (int at = 24; at < echo.Ring.BufferSize; at += 8)
        {
            echo.Write(2, 0);
            echo.AssertDrains((2, 0));
        }

        Assert.True(echo.Ring.TryReserve(16, out BpfUserReservation again));
        copy.Submit();
        reservation.Discard();
        Assert.False(HandsOutBytes(copy));
        Assert.Equal(0, echo.Drain());
        UserRingEcho.Fill(again.Bytes, 3);
        again.Submit();
        echo.AssertDrains((3, 16));
    }

    [KernelFact(Needs.Bpf)]
    public void The_bytes_of_a_reservation_that_was_ended_are_not_handed_out()
    {
        using UserRingEcho echo = new();
        Assert.False(HandsOutBytes(default));
        default(BpfUserReservation).Submit();
        default(BpfUserReservation).Dispose();

        Assert.True(echo.Ring.TryReserve(16, out BpfUserReservation reservation));
        Assert.True(HandsOutBytes(reservation));
        reservation.Submit();
        Assert.False(HandsOutBytes(reservation));
    }

    [KernelFact(Needs.Bpf)]
    public void So_many_open_reservations_that_they_must_have_been_forgotten_are_refused()
    {
        using UserRingEcho echo = new();
        for (int i = 0; i < OpenReservations.Maximum; i++)
            Assert.True(echo.Ring.TryReserve(8, out _));

        Assert.Throws<InvalidOperationException>(() => echo.Ring.TryReserve(8, out _));
        Assert.Equal(OpenReservations.Maximum * 16, echo.Ring.AvailableBytes);
    }

    [KernelFact(Needs.Bpf)]
    public void A_map_of_another_type_is_refused_by_its_type()
    {
        using BpfTestMap testMap = BpfTestMap.RingBuffer(Environment.SystemPageSize);
        using BpfMap map = BpfMap.FromDescriptor(testMap.Descriptor);
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => BpfUserRing.Open(map));
        Assert.Contains("27 (BPF_MAP_TYPE_RINGBUF)", refusal.Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Bpf)]
    public void The_ring_outlives_the_callers_map()
    {
        using UserRingEcho echo = new();
        echo.Map.Dispose();
        echo.Write(1, 8);
        echo.AssertDrains((1, 8));
    }

    private static bool HandsOutBytes(BpfUserReservation reservation)
    {
        try
        {
            return reservation.Bytes.Length > 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
