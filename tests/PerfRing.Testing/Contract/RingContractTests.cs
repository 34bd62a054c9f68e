using System.Diagnostics;
using Xunit;

namespace PerfRing.Testing;

/// <summary>What holds for every ring that is read while it is written, and that refuses what does not fit.</summary>
public abstract class RingContractTests : ReadingContractTests
{
    private const int Small = 24;

    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [ContractFact]
    public void A_full_ring_refuses_and_what_it_holds_is_read()
    {
        using RingUnderTest ring = Open(new());
        FillUp(ring);
        AssertSame(ring.Accepted, ring.Read());
    }

    [ContractFact]
    public void A_full_ring_takes_records_again_once_it_was_read()
    {
        using RingUnderTest ring = Open(new());
        FillUp(ring);
        List<(int, long)> read = ring.Read();
        Assert.Equal(20, ring.Write(Small, 20));
        read.AddRange(ring.Read());
        AssertSame(ring.Accepted, read);
    }

    [ContractFact]
    public void Produced_is_delivered_and_lost_or_the_ledger_says_that_it_does_not_know()
    {
        using RingUnderTest ring = Open(new());
        FillUp(ring);
        ring.Write(Small, 100);
        int delivered = ring.Read().Count;
        LossLedger losses = ring.Reader.ReadLosses();
        if (ring.LossesAreKnown)
        {
            Assert.Equal((ulong)ring.Refused, losses.Lost);
            Assert.True(losses.IsExact);
            Assert.Equal(ring.Accepted.Count + ring.Refused, delivered + (long)losses.Lost!);
        }
        else
        {
            Assert.Null(losses.Lost);
            Assert.False(losses.IsExact);
        }
    }

    [ContractFact]
    public void Available_bytes_rise_with_writing_and_fall_with_reading()
    {
        using RingUnderTest ring = Open(new());
        Assert.Equal(0, ring.Reader.AvailableBytes);
        ring.Write(Small, 10);
        Assert.InRange(ring.Reader.AvailableBytes, 10 * Small, 10 * (Small + 64));
        ring.Read();
        Assert.Equal(0, ring.Reader.AvailableBytes);
    }

    [ContractFact]
    public void A_flush_is_reported_once_and_after_what_was_there()
    {
        using RingUnderTest ring = Open(new());
        ring.Write(Small, 3);
        ring.Reader.Flush();
        Assert.Equal(3, ring.Read().Count);
        Assert.Equal(ReadStatus.Flushed, Status(ring, TimeSpan.Zero));
        Assert.Equal(ReadStatus.TimedOut, Status(ring, TimeSpan.Zero));
    }

    [ContractFact]
    public void A_deadline_is_not_early_and_data_comes_before_it()
    {
        using RingUnderTest ring = Open(new());
        TimeSpan wait = TimeSpan.FromMilliseconds(3);
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(ReadStatus.TimedOut, Status(ring, wait));
        Assert.True(Stopwatch.GetElapsedTime(start) >= wait, "the read timed out before its time");
        ring.Write(Small);
        Assert.Equal(ReadStatus.Records, Status(ring, wait));
    }

    [ContractFact]
    public void A_canceled_token_ends_a_wait_and_loses_nothing()
    {
        using RingUnderTest ring = Open(new() { Wakeup = Never });
        using CancellationTokenSource source = new();
        Task<ReadStatus> waiting = Task.Run(() => Status(ring, Timeout.InfiniteTimeSpan, source.Token));
        source.CancelAfter(TimeSpan.FromMilliseconds(5));
        Assert.ThrowsAny<OperationCanceledException>(() => Bounded(waiting));
        ring.Write(Small, 2);
        Assert.Equal(2, ring.Read().Count);
    }

    [ContractFact]
    public void A_record_wakes_a_reader_that_waits_without_a_bound()
    {
        using RingUnderTest ring = Open(new() { Wakeup = Never });
        for (int i = 0; i < 200; i++)
        {
            Task<ReadStatus> waiting = Task.Run(() => Status(ring, Timeout.InfiniteTimeSpan));

            // Sometimes before it sleeps, sometimes while it goes to sleep, sometimes when it is asleep.
            Thread.SpinWait(i * 97 % 20_000);
            ring.Write(Small);
            Assert.Equal(ReadStatus.Records, Bounded(waiting));
        }
    }

    [ContractFact]
    public void Below_a_threshold_the_longest_delay_delivers()
    {
        using RingUnderTest ring = Open(new() { Wakeup = Wakeup.AfterEvents(50).Within(TimeSpan.FromMilliseconds(2)) });
        for (int i = 0; i < 20; i++)
        {
            Task<ReadStatus> waiting = Task.Run(() => Status(ring, Timeout.InfiniteTimeSpan));
            Thread.SpinWait(i * 997);
            ring.Write(Small);
            Assert.Equal(ReadStatus.Records, Bounded(waiting));
        }
    }

    [ContractFact]
    public void A_polled_reader_finds_records_by_itself()
    {
        using RingUnderTest ring = Open(new() { Wakeup = Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)) });
        Task<ReadStatus> waiting = Task.Run(() => Status(ring, Timeout.InfiniteTimeSpan));
        ring.Write(Small);
        Assert.Equal(ReadStatus.Records, Bounded(waiting));
    }

    [ContractFact]
    public void A_flush_from_another_thread_ends_a_wait()
    {
        using RingUnderTest ring = Open(new() { Wakeup = Never });
        for (int i = 0; i < 100; i++)
        {
            Task<ReadStatus> waiting = Task.Run(() => Status(ring, Timeout.InfiniteTimeSpan));
            Thread.SpinWait(i * 97);
            ring.Reader.Flush();
            Assert.Equal(ReadStatus.Flushed, Bounded(waiting));
        }
    }

    [ContractFact]
    public void Dispose_from_another_thread_ends_a_wait()
    {
        for (int i = 0; i < 30; i++)
        {
            using RingUnderTest ring = Open(new() { Wakeup = Never });
            Task<ReadStatus> waiting = Task.Run(() => StatusOrCompleted(ring));
            Thread.SpinWait(i * 997);
            ring.Reader.Dispose();
            Assert.Equal(ReadStatus.Completed, Bounded(waiting));
        }
    }

    [ContractFact]
    public void Waiting_allocates_nothing()
    {
        using RingUnderTest ring = Open(new());
        using CancellationTokenSource source = new();
        TimeSpan moment = TimeSpan.FromTicks(1000);
        for (int i = 0; i < 10; i++)
            Status(ring, moment, source.Token);

        // What allocates with each wait does so each time. Something that happens for the first time in the process, such as a call of the
        // shim that no test has made yet, does so once.
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 3 && allocated != 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
                Status(ring, moment, source.Token);

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static void FillUp(RingUnderTest ring)
    {
        // In turns to all rings, until none of them takes any more.
        int refusals = 0;
        while (refusals < 2 * Environment.ProcessorCount)
            refusals = ring.Write(Small) == 1 ? 0 : refusals + 1;
    }

    private static ReadStatus Status(RingUnderTest ring, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using RecordBatch batch = ring.Reader.Read(timeout, cancellationToken);
        foreach (Record _ in batch)
        {
        }

        return batch.Status;
    }

    private static ReadStatus StatusOrCompleted(RingUnderTest ring)
    {
        try
        {
            return Status(ring, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // Dispose came before the read.
            return ReadStatus.Completed;
        }
    }

    private static ReadStatus Bounded(Task<ReadStatus> waiting)
    {
        if (Task.WaitAny([waiting], Patience) < 0)
            Assert.Fail($"the read did not return within {Patience.TotalSeconds} s");

        return waiting.GetAwaiter().GetResult();
    }
}
