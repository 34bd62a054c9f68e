using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.Rings;

/// <summary>The walk over rings whose records have a header of a length and two flags.</summary>
public sealed class FramedRingTests
{
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);

    [Fact]
    public void Payloads_have_the_length_that_was_written()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        foreach (int length in (int[])[8, 9, 13, 20, 100])
            ring.Write(length, length);

        Assert.Equal([8, 9, 13, 20, 100], Shown.Payloads(reader));
    }

    [Fact]
    public void A_record_without_payload_is_shown()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.Write(0, length: 0);
        ring.Write(1, length: 0);
        Assert.Equal([0, 0], Shown.Payloads(reader));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(4080ul)]
    [InlineData(ulong.MaxValue - 47)]
    public void Positions_and_memory_may_wrap(ulong start)
    {
        using FakeFramedRing ring = new(start: start);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        long written = 0;
        long read = 0;
        for (int round = 0; round < 300; round++)
        {
            for (int i = 0; i < 7; i++)
                Assert.True(ring.Write(written++, 8 + (round * 5 + i * 31) % 120));

            foreach (long number in Shown.Numbers(reader))
                Assert.Equal(read++, number);
        }

        Assert.Equal(written, read);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void A_ring_filled_to_its_last_slot_is_read()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        int records = 0;
        while (ring.Write(records))
            records++;

        Assert.Equal(255, records);
        Assert.Equal(255, Shown.Numbers(reader).Count);
    }

    [Fact]
    public void An_unfinished_record_ends_the_batch_and_holds_back_those_behind_it()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 3);
        ulong busy = ring.Reserve(4)!.Value;
        ring.WriteNumbers(5, 6);
        Assert.Equal([1, 2, 3], Shown.Numbers(reader));
        Assert.Empty(Shown.Numbers(reader));
        Assert.Equal(busy, ring.Tail);
        ring.Commit(busy);
        Assert.Equal([4, 5, 6], Shown.Numbers(reader));
    }

    [Fact]
    public void A_record_that_is_finished_during_a_walk_belongs_to_the_next_batch()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 1);
        ulong busy = ring.Reserve(2)!.Value;
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            Assert.Equal([1], Shown.Numbers(batch));
            ring.Commit(busy);
            Assert.Equal([1], Shown.Numbers(batch));
        }

        Assert.Equal([2], Shown.Numbers(reader));
    }

    [Fact]
    public void Abandoning_a_batch_keeps_an_unfinished_record_and_what_follows()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 3);
        ulong busy = ring.Reserve(4)!.Value;
        ring.WriteNumbers(5, 5);
        reader.Read(TimeSpan.Zero).Dispose();
        Assert.Equal(3ul, reader.Losses().Abandoned);
        Assert.Equal(busy, ring.Tail);
        ring.Commit(busy);
        Assert.Equal([4, 5], Shown.Numbers(reader));
    }

    [Fact]
    public void Discarded_records_are_passed_over_and_counted_once()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.Discard(ring.Reserve(1)!.Value);
        ring.Write(2);
        ring.Discard(ring.Reserve(3)!.Value);
        ring.Discard(ring.Reserve(4)!.Value);
        ring.Write(5);
        ring.Discard(ring.Reserve(6)!.Value);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            Assert.Equal([2, 5], Shown.Numbers(batch));
            Assert.Equal([2, 5], Shown.Numbers(batch));
        }

        Assert.Equal(4ul, reader.Losses().Discarded);
        Assert.Equal(0ul, reader.Losses().Abandoned);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void Discarded_records_alone_move_the_tail_and_are_no_batch()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        for (int i = 0; i < 5; i++)
            ring.Discard(ring.Reserve(i)!.Value);

        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
        Assert.Equal(ring.Head, ring.Tail);
        Assert.Equal(5ul, reader.Losses().Discarded);
    }

    [Fact]
    public void A_producer_that_discards_all_the_time_does_not_keep_the_reader_from_its_deadline()
    {
        using FakeFramedRing ring = new(pages: 16);
        using FakeReader reader = new(Never, ring.Ring);
        using CancellationTokenSource end = new();
        Thread producer = new(() =>
        {
            while (!end.IsCancellationRequested)
            {
                if (ring.Reserve(0) is { } position)
                    ring.Discard(position);
            }
        });
        producer.Start();
        try
        {
            for (int i = 0; i < 100; i++)
                Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.FromMilliseconds(1)));
        }
        finally
        {
            end.Cancel();
            producer.Join();
        }

        ring.Write(7);
        Assert.Equal(ReadStatus.Records, reader.StatusOf(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Discarded_records_cost_no_budget()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.Write(1);
        ring.Discard(ring.Reserve(2)!.Value);
        ring.Write(3);
        ring.Write(4);
        Assert.Equal([1, 3], Shown.Numbers(reader, ReadBudget.OfRecords(2)));
        Assert.Equal([4], Shown.Numbers(reader, ReadBudget.OfRecords(2)));
    }

    [Fact]
    public void A_record_whose_producer_is_gone_is_passed_over_and_counted_as_lost()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.Orphans.Add(ring.Reserve(1)!.Value);
        ring.Write(2);
        ring.Orphans.Add(ring.Reserve(3)!.Value);
        ring.Write(4);
        Assert.Equal([2], Shown.Numbers(reader));
        Assert.Equal([4], Shown.Numbers(reader));
        Assert.Equal((2ul, 0ul), (reader.Losses().Orphaned, reader.Losses().Discarded));
    }

    [Fact]
    public void Releasing_through_a_record_of_the_second_half_of_the_memory_is_exact()
    {
        using FakeFramedRing ring = new(start: 4064);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 6);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                if (Shown.Number(record) == 4)
                {
                    batch.ReleaseThrough(record);
                    batch.ReleaseThrough(record);
                    break;
                }
            }
        }

        Assert.Equal(4064ul + (4 * 16), ring.Tail);
        Assert.Equal([5, 6], Shown.Numbers(reader));
    }

    [Fact]
    public void A_record_of_an_earlier_batch_releases_nothing()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 2);
        Record kept = default;
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
                kept = record;
        }

        ring.WriteNumbers(3, 4);
        using RecordBatch next = reader.Read(TimeSpan.Zero);
        bool refused = false;
        try
        {
            next.ReleaseThrough(kept);
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Assert.True(refused);
        Assert.Equal(32ul, ring.Tail);
    }

    [Fact]
    public void A_flush_waits_for_an_unfinished_record()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        ulong busy = ring.Reserve(1)!.Value;
        reader.Flush();
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.FromMilliseconds(1)));
        ring.Commit(busy);
        Assert.Equal([1], Shown.Numbers(reader));
        Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_flush_ends_in_front_of_a_record_that_is_never_finished()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        ring.Write(1);
        ring.Reserve(2);
        reader.Flush();
        Assert.Equal([1], Shown.Numbers(reader));
        OtherThread consumer = new(() => Assert.Equal(ReadStatus.Flushed, reader.StatusOf()));
        consumer.Join();
    }

    [Fact]
    public void An_unfinished_record_is_found_finished_by_a_reader_that_nobody_wakes()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        ulong busy = ring.Reserve(1)!.Value;
        OtherThread consumer = new(() => Assert.Equal([1], Numbers(reader)));
        consumer.UntilItSleeps();
        ring.Commit(busy);
        consumer.Join();
    }

    [Fact]
    public void A_walk_against_a_clock_stops_and_keeps_the_rest()
    {
        using FakeFramedRing ring = new(pages: 16);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.WriteNumbers(1, 3000);
        int shown = 0;
        using (RecordBatch batch = reader.Read(TimeSpan.Zero, ReadBudget.OfTime(TimeSpan.FromTicks(1)), CancellationToken.None))
        {
            foreach (Record _ in batch)
                shown++;
        }

        Assert.InRange(shown, 1, 2999);
        Assert.Equal(3000 - shown, Shown.Numbers(reader).Count);
    }

    private static List<long> Numbers(FakeReader reader)
    {
        using RecordBatch batch = reader.Read();
        return Shown.Numbers(batch);
    }
}
