using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

public sealed class MergedReaderTests
{
    private readonly ScriptedClock _clock = new();

    [Fact]
    public void A_record_is_delivered_once_its_stamp_is_as_old_as_the_hold_back_and_not_before()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 1_000));
        Write(ring, 1, _clock.Now);
        _clock.Now += 999;
        Assert.Empty(merged.Numbers());
        Assert.Equal(1, merged.HeldRecords);
        _clock.Now++;
        Assert.Equal([1], merged.Numbers());
        Assert.Equal((0, 0, 1), (merged.HeldRecords, merged.HeldBytes, merged.Delivered));
    }

    [Fact]
    public void Rings_have_their_memory_back_although_records_are_held()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock));
        Write(ring, 1, _clock.Now);
        Assert.Equal(ReadStatus.TimedOut, merged.StatusOf(TimeSpan.Zero));
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void What_was_written_last_may_be_what_is_delivered_first()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        using MergedReader merged = reader.Merged(Merging.At(_clock));
        Write(one, 2, _clock.Now + 20);
        Write(one, 1, _clock.Now + 10);
        Write(two, 3, _clock.Now + 15);
        _clock.Now += 5_000;
        using MergedBatch batch = merged.Read(TimeSpan.Zero);
        List<(long, int, ulong)> seen = [];
        foreach (MergedRecord record in batch)
        {
            Assert.Same(reader, record.Source);
            Assert.Equal(record.Time, record.Record.Time);
            Assert.False(record.IsLate);
            seen.Add((Shown.Number(record.Record), record.Record.Cpu, record.Time - 1_000_000_000));
        }

        Assert.Equal([(1, 0, 10ul), (3, 1, 15ul), (2, 0, 20ul)], seen);
    }

    [Fact]
    public void The_clock_is_read_before_the_rings_so_that_what_appears_meanwhile_is_not_late()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0));
        long start = _clock.Now;
        Write(two, 2, start + 10);

        // The clock is read for the second time when the first ring was looked at, and the second one is: then an earlier record
        // appears in the first.
        _clock.WasRead = reads =>
        {
            if (reads == 2)
            {
                _clock.Now = start + 100;
                Write(one, 1, start + 5);
            }
        };
        Assert.Empty(merged.Numbers());
        Assert.Equal([1, 2], merged.Numbers());
        Assert.Equal(0, merged.Late);
    }

    [Fact]
    public void Equal_stamps_keep_the_order_in_which_they_were_written()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0));
        for (int number = 1; number <= 40; number++)
            Write(ring, number, _clock.Now);

        Assert.Equal(Enumerable.Range(1, 40).Select(static number => (long)number), merged.Numbers());
    }

    [Fact]
    public void A_late_record_is_marked_and_counted()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0));
        Write(ring, 1, _clock.Now);
        Assert.Equal([1], merged.Numbers());
        Write(ring, 2, _clock.Now - 1);
        Write(ring, 3, _clock.Now);
        using (MergedBatch batch = merged.Read(TimeSpan.Zero))
        {
            List<(long, bool)> seen = [];
            foreach (MergedRecord record in batch)
                seen.Add((Shown.Number(record.Record), record.IsLate));

            Assert.Equal([(2, true), (3, false)], seen);
        }

        Assert.Equal((1, 0), (merged.Late, merged.LateLost));
    }

    [Fact]
    public void A_late_record_is_lost_and_counted_where_that_is_the_policy_but_a_loss_notice_is_not()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0) with { Late = LateRecords.CountAsLost });
        Write(ring, 1, _clock.Now);
        Assert.Equal([1], merged.Numbers());
        Write(ring, 2, _clock.Now - 1);
        ring.WriteLost(7, new FakeSample { Time = (ulong)_clock.Now - 2 });
        using (MergedBatch batch = merged.Read(TimeSpan.Zero))
        {
            int records = 0;
            foreach (MergedRecord record in batch)
            {
                records++;
                Assert.True(record.IsLate);
                Assert.Equal(7ul, record.Record.LostCount);
            }

            Assert.Equal(1, records);
        }

        Assert.Equal((2, 1), (merged.Late, merged.LateLost));
    }

    [Fact]
    public void Records_that_were_not_visited_come_with_the_next_read()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0));
        for (int number = 1; number <= 5; number++)
            Write(ring, number, _clock.Now + number - 5);

        using (MergedBatch batch = merged.Read(TimeSpan.Zero))
        {
            foreach (MergedRecord record in batch)
            {
                if (Shown.Number(record.Record) == 2)
                    break;
            }
        }

        // It sorts in front of what was put back, and is not late, since none of that was delivered.
        Write(ring, 6, _clock.Now - 3);
        Assert.Equal([6, 3, 4, 5], merged.Numbers());
        Assert.Equal(0, merged.Late);
    }

    [Fact]
    public void A_batch_may_be_walked_twice()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0));
        Write(ring, 1, _clock.Now - 1);
        Write(ring, 2, _clock.Now);
        using (MergedBatch batch = merged.Read(TimeSpan.Zero))
        {
            Assert.Equal([1, 2], Merging.Numbers(batch));
            Assert.Equal([1, 2], Merging.Numbers(batch));
        }

        Assert.Empty(merged.Numbers());
    }

    [Fact]
    public void Budgets_bound_a_batch_by_records_and_by_bytes()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0));
        for (int number = 1; number <= 5; number++)
            Write(ring, number, _clock.Now);

        Assert.Equal([1, 2], merged.Numbers(ReadBudget.OfRecords(2)));
        Assert.Equal([3], merged.Numbers(ReadBudget.OfBytes(1)));
        Assert.Equal([4, 5], merged.Numbers());
    }

    [Fact]
    public void A_budget_of_time_ends_the_walk_and_keeps_the_rest()
    {
        using FakePerfRing ring = new(pages: 4);
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0));
        for (int number = 1; number <= 100; number++)
            Write(ring, number, _clock.Now);

        int walked = 0;
        using (MergedBatch batch = merged.Read(TimeSpan.Zero, ReadBudget.OfTime(TimeSpan.FromTicks(1)), CancellationToken.None))
        {
            foreach (MergedRecord _ in batch)
            {
                walked++;
                _clock.Now += 100;
            }
        }

        Assert.InRange(walked, 1, 99);
        Assert.Equal(100 - walked, merged.Numbers().Count);
    }

    [Fact]
    public void Beyond_the_limit_of_bytes_the_oldest_are_released_early_and_the_rings_go_on()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 1_000_000) with { MaximumBytes = 4096 });
        List<long> seen = [];
        for (int number = 1; number <= 500; number++)
        {
            _clock.Now += 10;
            Write(ring, number, _clock.Now);
            seen.AddRange(merged.Numbers());
            Assert.InRange(merged.HeldBytes, 0, 4096);
        }

        Assert.NotEmpty(seen);
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(static number => (long)number), seen);
        Assert.Equal(seen.Count, merged.ReleasedEarly);
        Assert.Equal(0, ring.Refused);
    }

    [Fact]
    public void Records_that_a_token_or_a_failure_kept_from_the_caller_are_still_there()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0));
        Write(ring, 1, _clock.Now);
        Assert.Throws<OperationCanceledException>(() => merged.StatusOf(TimeSpan.Zero, new CancellationToken(canceled: true)));
        Assert.Equal([1], merged.Numbers());
    }

    [Fact]
    public void A_copy_of_a_merged_record_outlives_the_merge()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        OwnedRecord kept = default;
        using (MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0)))
        {
            Write(ring, 42, _clock.Now);
            using MergedBatch batch = merged.Read(TimeSpan.Zero);
            foreach (MergedRecord record in batch)
                kept = record.Record.ToOwned();
        }

        using (kept)
            Assert.Equal(42, Shown.Number(kept.View));
    }

    [Fact]
    public void Records_larger_than_a_slab_are_merged_too()
    {
        using FakeFramedRing ring = new(pages: 256);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0) with { StampOffset = 0 });
        byte[] large = new byte[600_000];
        for (byte round = 1; round <= 3; round++)
        {
            Assert.True(BitConverter.TryWriteBytes(large, (ulong)_clock.Now));
            large[^1] = round;
            Assert.True(ring.Write(large));
            Assert.True(ring.Write(large.AsSpan(0, 8)));
            using MergedBatch batch = merged.Read(TimeSpan.Zero);
            List<int> lengths = [];
            foreach (MergedRecord record in batch)
            {
                lengths.Add(record.Record.Payload.Length);
                Assert.True(record.Record.Payload.SequenceEqual(large.AsSpan(0, record.Record.Payload.Length)));
            }

            Assert.Equal([600_000, 8], lengths);
        }
    }

    [Fact]
    public void A_slab_that_held_a_larger_record_holds_no_more_small_ones_than_others()
    {
        using FakeFramedRing ring = new(pages: 256);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0) with { StampOffset = 0 });
        byte[] large = new byte[600_000];
        Assert.True(BitConverter.TryWriteBytes(large, (ulong)_clock.Now));
        Assert.True(ring.Write(large));
        Assert.Equal(1, Count(merged));
        byte[] small = new byte[1_000];
        Assert.True(BitConverter.TryWriteBytes(small, (ulong)_clock.Now));
        for (int i = 0; i < 700; i++)
        {
            // Told apart: two of them must not have one position.
            Assert.True(BitConverter.TryWriteBytes(small.AsSpan(sizeof(ulong)), i));
            Assert.True(ring.Write(small));
        }

        // Held all at once: more than the slab has positions for.
        using MergedBatch batch = merged.Read(TimeSpan.Zero);
        int records = 0;
        foreach (MergedRecord record in batch)
        {
            Assert.Equal(small.Length, record.Record.Payload.Length);
            Assert.Equal(records++, BitConverter.ToInt32(record.Record.Payload[sizeof(ulong)..]));
        }

        Assert.Equal(700, records);
    }

    [Fact]
    public void A_record_kept_past_its_batch_can_not_be_looked_at()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0) with { StampOffset = 0 });
        Assert.True(ring.Write(BitConverter.GetBytes((ulong)_clock.Now)));
        MergedRecord kept = default;
        using (MergedBatch batch = merged.Read(TimeSpan.Zero))
        {
            foreach (MergedRecord record in batch)
                kept = record;
        }

        bool threw = false;
        try
        {
            _ = kept.Record.Size;
        }
        catch (InvalidOperationException)
        {
            threw = true;
        }

        Assert.True(threw);
    }

    private static int Count(MergedReader merged)
    {
        using MergedBatch batch = merged.Read(TimeSpan.Zero);
        int records = 0;
        foreach (MergedRecord _ in batch)
            records++;

        return records;
    }

    [Fact]
    public void Records_too_short_for_a_stamp_and_stamps_of_the_future_take_the_time_of_the_sweep_and_are_counted()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        using MergedReader merged = reader.Merged(Merging.At(_clock, holdBack: 0) with { StampOffset = 8 });
        Assert.True(ring.Write(1));
        Assert.True(ring.Write([2, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes((ulong)_clock.Now + 1_000_000_000)]));
        using MergedBatch batch = merged.Read(TimeSpan.Zero);
        List<(long, ulong)> seen = [];
        foreach (MergedRecord record in batch)
            seen.Add((Shown.Number(record.Record), record.Time));

        Assert.Equal([(1, (ulong)_clock.Now), (2, (ulong)_clock.Now)], seen);
        Assert.Equal(2, merged.Unstamped);
    }

    private static void Write(FakePerfRing ring, long number, long time) =>
        Assert.True(ring.Write(Numbered.Sample(number) with { Time = (ulong)time }), $"no room for {number}");
}
