using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Rings;

[Collection(Machine.Name)]
public sealed class BpfUserRingWaitTests
{
    [KernelFact(Needs.Bpf)]
    public void A_reserve_with_a_deadline_times_out_and_leaves_the_ring_as_it_was()
    {
        using UserRingEcho echo = Full();
        TimeSpan timeout = TimeSpan.FromMilliseconds(35);
        long start = Stopwatch.GetTimestamp();
        Assert.False(echo.Ring.Reserve(8, timeout, out _));
        Assert.True(Stopwatch.GetElapsedTime(start) >= timeout);
        Assert.False(echo.Ring.Write([1], timeout));
        echo.AssertDrains((0, echo.Ring.LargestRecord));
        echo.Write(1, 8);
    }

    [KernelFact(Needs.Bpf)]
    public void A_drain_wakes_a_reserve_that_waits_without_a_bound()
    {
        using UserRingEcho echo = Full();
        WaitingReserve waiting = new(echo.Ring, 64, Timeout.InfiniteTimeSpan);
        echo.AssertDrains((0, echo.Ring.LargestRecord));
        Assert.True(waiting.Result());
        Assert.Equal(1, echo.Ring.Wakeups);
        echo.AssertDrains((64, 64));
    }

    [KernelFact(Needs.Bpf)]
    public void A_drain_that_wakes_nobody_is_found_by_the_clock()
    {
        using UserRingEcho echo = Full();
        WaitingReserve waiting = new(echo.Ring, 64, Timeout.InfiniteTimeSpan);
        Assert.Equal(1, echo.Drain(UserRingEchoProgram.NoWakeup));
        Assert.True(waiting.Result());
        Assert.Equal(0, echo.Ring.Wakeups);
    }

    [KernelFact(Needs.Bpf)]
    public void A_ring_with_too_little_room_does_not_make_a_reserve_spin()
    {
        using UserRingEcho echo = new();
        echo.Write(1, (int)echo.Ring.BufferSize - 8 - 64);

        // Ready, says a level-triggered look, since 64 bytes are free: once for having been added, and not again.
        Assert.False(echo.Ring.Reserve(64, TimeSpan.FromMilliseconds(50), out _));
        Assert.InRange(echo.Ring.Wakeups, 0, 1);
        Assert.True(echo.Ring.TryReserve(56, out _));
    }

    [KernelFact(Needs.Bpf)]
    public void A_reserve_goes_on_waiting_until_there_is_room_enough()
    {
        using UserRingEcho echo = new();
        int page = Environment.SystemPageSize;
        echo.Write(1, (page / 2) - 8);
        Assert.True(echo.Ring.TryReserve((page / 2) - 8, out BpfUserReservation second));
        WaitingReserve waiting = new(echo.Ring, page - 8, Timeout.InfiniteTimeSpan);
        echo.AssertDrains((1, (page / 2) - 8));
        Wait.Until(() => echo.Ring.Wakeups > 0, "the drain to wake the reserve");
        Assert.False(waiting.IsOver);
        second.Discard();
        Assert.Equal(0, echo.Drain());
        Assert.True(waiting.Result());
    }

    [KernelFact(Needs.Bpf)]
    public void Cancelling_ends_a_wait_and_the_ring_goes_on()
    {
        using UserRingEcho echo = Full();
        using CancellationTokenSource source = new();
        WaitingReserve waiting = new(echo.Ring, 8, Timeout.InfiniteTimeSpan, source.Token);
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => waiting.Result());
        Assert.Throws<OperationCanceledException>(() => echo.Ring.Reserve(8, TimeSpan.Zero, out _, source.Token));
        echo.AssertDrains((0, echo.Ring.LargestRecord));
        echo.Write(1, 8);
        echo.AssertDrains((1, 8));
    }

    [KernelFact(Needs.Bpf)]
    public void Reserves_that_overlap_are_refused()
    {
        using UserRingEcho echo = Full();
        WaitingReserve waiting = new(echo.Ring, 8, Timeout.InfiniteTimeSpan);
        Assert.Throws<InvalidOperationException>(() => echo.Ring.TryReserve(8, out _));
        Assert.Throws<InvalidOperationException>(() => echo.Ring.TryWrite([1]));
        Assert.Equal(1, echo.Drain());
        Assert.True(waiting.Result());
    }

    [KernelFact(Needs.Bpf)]
    public void Dispose_ends_a_reserve_that_waits()
    {
        using UserRingEcho echo = Full();
        WaitingReserve waiting = new(echo.Ring, 8, Timeout.InfiniteTimeSpan);
        echo.Ring.Dispose();
        Assert.Throws<ObjectDisposedException>(() => waiting.Result());
    }

    [KernelFact(Needs.Bpf)]
    public void Dispose_races_a_reserve_and_a_drain_and_nothing_is_left_open()
    {
        using UserRingEcho echo = new();
        echo.Ring.Dispose();
        Round(0);
        ProcessResources before = ProcessResources.Now();
        for (int i = 1; i <= 500; i++)
            Round(i);

        ProcessResources after = ProcessResources.Now();
        Assert.Equal(before.BpfDescriptors, after.BpfDescriptors);
        Assert.InRange(after.Descriptors, 0, before.Descriptors + 10);

        void Round(int i)
        {
            BpfUserRing ring = echo.Reopen();
            Thread producer = new(() =>
            {
                try
                {
                    while (ring.Reserve(1_000, Timeout.InfiniteTimeSpan, out BpfUserReservation reservation))
                    {
                        UserRingEcho.Fill(reservation.Bytes, 1);
                        reservation.Submit();
                    }
                }
                catch (ObjectDisposedException)
                {
                    // The end of every round.
                }
            });
            producer.IsBackground = true;
            producer.Start();
            if (i % 2 == 0)
                Wait.Until(() => ring.AvailableBytes > 2_000, "the producer to fill the ring");
            if (i % 3 != 0)
                _ = echo.DrainTo(static _ => { });

            ring.Dispose();
            Assert.True(producer.Join(TimeSpan.FromSeconds(20)), "the producer did not end after Dispose");
            _ = echo.DrainTo(static _ => { });
        }
    }

    [KernelFact(Needs.Bpf)]
    public void A_timeout_that_is_negative_is_refused()
    {
        using UserRingEcho echo = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => echo.Ring.Reserve(8, TimeSpan.FromTicks(-1), out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => echo.Ring.Write([1], TimeSpan.FromSeconds(-1)));
        echo.AssertDrains();
    }

    /// <summary>A ring that one record fills, number 0.</summary>
    private static UserRingEcho Full()
    {
        UserRingEcho echo = new();
        echo.Write(0, echo.Ring.LargestRecord);
        return echo;
    }
}
