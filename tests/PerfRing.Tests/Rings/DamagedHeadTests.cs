using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>A producer position that can't be: behind the consumer, more than a ring ahead of it, or between two words.</summary>
public sealed class DamagedHeadTests
{
    private const long Lap = 4096;

    public static TheoryData<long, ulong> Jumps
    {
        get
        {
            long[] jumps = [-8, -400, -Lap, (-3 * Lap) - 24, Lap + 8, 5 * Lap, 1L << 40, long.MaxValue - 7, long.MinValue];
            TheoryData<long, ulong> rows = [];
            foreach (long jump in jumps)
            {
                foreach (ulong start in new[] { 0ul, 4000ul, 1ul << 32, ulong.MaxValue - 95 })
                    rows.Add(jump, start);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_head_out_of_reach_is_one_gap(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        Assert.Equal([RecordKind.Gap], Shown.Kinds(reader));
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void The_gap_at_a_head_out_of_reach_is_no_more_than_the_ring(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        Shown.Kinds(reader);
        Assert.InRange(reader.Losses().SkippedBytes, 0ul, (ulong)Lap);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void The_ledger_counts_a_head_out_of_reach_once(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        Shown.Kinds(reader);
        Assert.Equal(1ul, reader.Losses().Gaps);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void Two_walks_to_a_head_out_of_reach_count_once(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            Shown.Numbers(batch);
            Shown.Numbers(batch);
        }

        Assert.Equal(1ul, reader.Losses().Gaps);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void Records_written_from_a_head_out_of_reach_are_read_after_the_gap(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        Shown.Kinds(reader);
        ring.WriteNumbers(1, 3);
        Assert.Equal([1, 2, 3], Shown.Numbers(reader));
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_drain_moves_to_a_head_out_of_reach(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        Counting handler = default;
        reader.Drain(ref handler);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_batch_that_nobody_walks_moves_to_a_head_out_of_reach(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        reader.Read(TimeSpan.Zero).Dispose();
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void Releasing_through_the_gap_moves_to_a_head_out_of_reach(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            batch.ReleaseThrough(record);

        Assert.Equal(ring.Head, ring.Tail);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_flush_ends_at_a_head_out_of_reach(long jump, ulong start)
    {
        using FakePerfRing ring = Jumped(jump, start);
        using FakeReader reader = new(ring);
        reader.Flush();
        ReadStatus status = ReadStatus.Records;
        for (int i = 0; i < 3 && status == ReadStatus.Records; i++)
        {
            using RecordBatch batch = reader.Read(TimeSpan.Zero);
            status = batch.Status;
        }

        Assert.Equal(ReadStatus.Flushed, status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_head_between_two_words_is_one_gap(int off)
    {
        using FakePerfRing ring = new(start: 4000);
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 1);
        ring.MoveHead(ring.Head + (ulong)off);
        Assert.Equal([RecordKind.Gap], Shown.Kinds(reader));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void Records_written_after_a_head_between_two_words_was_seen_are_read(int off)
    {
        using FakePerfRing ring = new(start: 4000);
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 1);
        ring.MoveHead(ring.Head + (ulong)off);
        Shown.Kinds(reader);
        ring.MoveHead((ring.Head + 7) & ~7ul);
        ring.WriteNumbers(2, 3);
        Assert.Equal([2, 3], Shown.Numbers(reader));
    }

    /// <summary>A ring whose records were read, and whose head then moved by so much.</summary>
    private static FakePerfRing Jumped(long jump, ulong start)
    {
        FakePerfRing ring = new(start: start);
        ring.MoveHead(start + (ulong)jump);
        return ring;
    }
}
