using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>A ring that is watched without consuming it.</summary>
public sealed class FollowedRingTests
{
    [Fact]
    public void Records_are_shown_once_and_the_position_of_the_owner_is_left_alone()
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.WriteNumbers(1, 3);
        Assert.Equal([1, 2, 3], Shown.Numbers(follower));
        ring.WriteNumbers(4, 4);
        Assert.Equal([4], Shown.Numbers(follower));
        Assert.Equal(0ul, ring.Tail);
    }

    [Fact]
    public void What_the_owner_left_unread_is_shown()
    {
        using FakeFramedRing ring = new();
        ring.WriteNumbers(1, 3);
        ring.MoveConsumer(16);
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        Assert.Equal([2, 3], Shown.Numbers(follower));
    }

    [Fact]
    public void What_the_owner_consumed_is_shown_as_long_as_it_is_whole()
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.WriteNumbers(1, 10);
        ring.MoveConsumer(ring.Head);
        ring.WriteNumbers(11, 20);
        Assert.Equal(Enumerable.Range(1, 20).Select(static n => (long)n), Shown.Numbers(follower));
    }

    [Fact]
    public void A_follower_that_was_lapped_goes_on_at_the_owners_position_and_does_not_know_what_it_missed()
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.WriteNumbers(1, 200);
        ring.MoveConsumer(ring.Head);
        ring.WriteNumbers(201, 300);
        Assert.Equal(Enumerable.Range(201, 100).Select(static n => (long)n), Shown.Numbers(follower));
        CpuLosses losses = follower.Losses();
        Assert.Equal((null, 1ul, 3200ul), (losses.Lost, losses.Gaps, losses.SkippedBytes));
    }

    [Theory]
    [InlineData(254, 255)]
    [InlineData(255, 255)]
    public void A_record_is_whole_until_the_producer_is_a_ring_beyond_it(int more, int shown)
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.WriteNumbers(1, 1);
        ring.MoveConsumer(ring.Head);
        ring.WriteNumbers(2, 1 + more);

        // With 254 more the producer is 16 bytes before the first record's place; with 255 that place may be in use.
        Assert.Equal(shown, Shown.Numbers(follower).Count);
        Assert.Equal(more == 254 ? 0ul : 1ul, follower.Losses().Gaps);
    }

    [Fact]
    public void Behind_the_end_of_the_ring_every_look_sees_what_was_copied()
    {
        using FakeFramedRing ring = new(start: 4096 - 32);
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.WriteNumbers(1, 4);
        ring.Discard(ring.Reserve(5)!.Value);
        ring.WriteNumbers(6, 8);
        Assert.Equal([1, 2, 3], Shown.Numbers(follower, ReadBudget.OfRecords(3)));
        Assert.Equal([4, 6], Shown.Numbers(follower, ReadBudget.OfRecords(2)));
        follower.Read(TimeSpan.Zero).Dispose();
        Assert.Equal((2ul, 1ul), (follower.Losses().Abandoned, follower.Losses().Discarded));
    }

    [Fact]
    public void What_was_copied_is_shown_although_the_producer_laps_it_meanwhile()
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.WriteNumbers(1, 10);
        Assert.Equal([1, 2], Shown.Numbers(follower, ReadBudget.OfRecords(2)));
        ring.MoveConsumer(ring.Head);
        ring.WriteNumbers(11, 260);
        Assert.Equal([3, 4, 5, 6, 7, 8, 9, 10], Shown.Numbers(follower));
        Assert.Equal(0ul, follower.Losses().Gaps);
    }

    [Fact]
    public void A_flush_ends_in_front_of_a_record_that_is_never_finished()
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.Reserve(1);
        follower.Flush();
        Assert.Equal(ReadStatus.Flushed, follower.StatusOf(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void An_unfinished_record_is_waited_for()
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.WriteNumbers(1, 1);
        ulong busy = ring.Reserve(2)!.Value;
        ring.WriteNumbers(3, 3);
        Assert.Equal([1], Shown.Numbers(follower));
        Assert.Empty(Shown.Numbers(follower));
        ring.Commit(busy);
        Assert.Equal([2, 3], Shown.Numbers(follower));
    }

    [Fact]
    public void A_batch_is_a_copy_that_the_producer_cant_change()
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        ring.WriteNumbers(1, 2);
        using RecordBatch batch = follower.Read(TimeSpan.Zero);
        ring.MoveConsumer(ring.Head);
        ring.WriteNumbers(300, 550);
        ring.MoveConsumer(ring.Head);
        ring.WriteNumbers(551, 600);
        Assert.Equal([1, 2], Shown.Numbers(batch));
    }

    [Fact]
    public void An_overwriting_ring_is_read_from_the_oldest_record_that_is_left()
    {
        using FakeFramedRing ring = new();
        ring.WriteNumbers(1, 10);
        ring.MoveOverwritten(48);
        using FakeReader follower = new(Wakeup.Polled, ring.Follow(overwrites: true));
        Assert.Equal([4, 5, 6, 7, 8, 9, 10], Shown.Numbers(follower));
    }

    [Fact]
    public void What_an_overwriting_ring_wrote_over_before_it_was_read_is_missed_and_said_so()
    {
        using FakeFramedRing ring = new();
        using FakeReader follower = new(Wakeup.Polled, ring.Follow(overwrites: true));
        ring.WriteNumbers(1, 10);
        ring.MoveOverwritten(32);
        Assert.Equal([3, 4, 5, 6, 7, 8, 9, 10], Shown.Numbers(follower));
        CpuLosses losses = follower.Losses();
        Assert.Equal((null, 1ul, 32ul), (losses.Lost, losses.Gaps, losses.SkippedBytes));
    }

    [Fact]
    public void Beside_a_running_owner_and_producer_every_record_that_is_shown_is_whole()
    {
        using FakeFramedRing ring = new();
        using FakeReader owner = new(Wakeup.Polled, ring.Ring);
        using FakeReader follower = new(Wakeup.Polled, ring.Follow());
        using CancellationTokenSource end = new();
        Thread producer = new(() =>
        {
            for (long i = 0; !end.IsCancellationRequested; i++)
            {
                while (!ring.Write(i, 8 + (int)(i % 100)))
                    owner.Read(TimeSpan.Zero).Dispose();
            }
        });
        producer.Start();
        long last = -1;
        try
        {
            for (int seen = 0; seen < 20_000;)
            {
                using RecordBatch batch = follower.Read(TimeSpan.Zero);
                foreach (Record record in batch)
                {
                    long number = Shown.Number(record);
                    Assert.True(number > last, $"{number} after {last}");
                    Assert.Equal(8 + (int)(number % 100), record.Payload.Length);
                    last = number;
                    seen++;
                }
            }
        }
        finally
        {
            end.Cancel();
            producer.Join();
        }
    }
}
