using PerfRing.Testing;

namespace PerfRing.Tests.Records;

public sealed class ReleaseThroughTests
{
    public static TheoryData<int, ulong> Places
    {
        get
        {
            // 40 bytes a record: from these starts none wraps, the fourth one wraps in each of its words, and 2^64 is passed.
            ulong[] starts = [0, 4096 - 128, 4096 - 136, 4096 - 144, 4096 - 152, 4096 - 160, ulong.MaxValue - 135];
            TheoryData<int, ulong> rows = [];
            foreach (ulong start in starts)
            {
                for (int number = 0; number < 8; number++)
                    rows.Add(number, start);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void The_rest_comes_again(int through, ulong start)
    {
        using FakePerfRing ring = Eight(start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            Release(batch, cpu: 0, through);

        Assert.Equal(Enumerable.Range(through + 1, 7 - through).Select(static n => (long)n), Shown.Numbers(reader));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void It_is_published_at_once(int through, ulong start)
    {
        using FakePerfRing ring = Eight(start);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Release(batch, cpu: 0, through);
        Assert.Equal(start + (40ul * (ulong)(through + 1)), ring.Tail);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Nothing_is_abandoned(int through, ulong start)
    {
        using FakePerfRing ring = Eight(start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            Release(batch, cpu: 0, through);

        Assert.Equal(0ul, reader.Losses().Abandoned);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void What_was_visited_behind_the_record_comes_again_too(int through, ulong start)
    {
        using FakePerfRing ring = Eight(start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                if (Shown.Number(record) == through)
                    batch.ReleaseThrough(record);
            }
        }

        Assert.Equal(Enumerable.Range(through + 1, 7 - through).Select(static n => (long)n), Shown.Numbers(reader));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_record_before_it_moves_nothing_back(int earlier, ulong start)
    {
        using FakePerfRing ring = Eight(start);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        for (int i = 0; i <= earlier; i++)
            records.MoveNext();

        Record kept = records.Current;
        while (records.MoveNext())
            batch.ReleaseThrough(records.Current);

        ulong tail = earlier == 7 ? start : ring.Head;
        Assert.Equal(tail, ring.Tail);
        batch.ReleaseThrough(kept);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_walk_after_it_shows_the_rest(int through, ulong start)
    {
        using FakePerfRing ring = Eight(start);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Release(batch, cpu: 0, through);
        Assert.Equal(Enumerable.Range(through + 1, 7 - through).Select(static n => (long)n), Shown.Numbers(batch));
    }

    [Theory]
    [InlineData(0, 3, 4, 0, 0)]
    [InlineData(1, 0, 8, 1, 0)]
    [InlineData(1, 7, 8, 8, 0)]
    [InlineData(2, 6, 8, 8, 7)]
    [InlineData(2, 7, 8, 8, 8)]
    public void In_one_of_three_rings_it_releases_those_before_and_keeps_those_behind(
        int cpu, int through, int first, int second, int third)
    {
        using FakePerfRing one = Eight(0, cpu: 0);
        using FakePerfRing two = Eight(4096 - 136, cpu: 1);
        using FakePerfRing three = Eight(ulong.MaxValue - 135, cpu: 2);
        using FakeReader reader = new(one, two, three);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            Release(batch, cpu, through);

        Assert.Equal((first, second, third), (Released(one), Released(two), Released(three)));
    }

    [Fact]
    public void Releasing_in_each_ring_in_turn_abandons_nothing()
    {
        using FakePerfRing one = Eight(0, cpu: 0);
        using FakePerfRing two = Eight(4096 - 136, cpu: 1);
        using FakeReader reader = new(one, two);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
                batch.ReleaseThrough(record);
        }

        Assert.Equal((0ul, 0ul), (reader.Losses(0).Abandoned, reader.Losses(1).Abandoned));
    }

    [Fact]
    public void Kept_records_can_be_abandoned_later()
    {
        using FakePerfRing ring = Eight(0);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            Release(batch, cpu: 0, through: 2);

        reader.Read(TimeSpan.Zero).Dispose();
        Assert.Equal(5ul, reader.Losses().Abandoned);
    }

    [Fact]
    public void Room_is_there_for_the_producer_while_the_batch_is_still_out()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        while (ring.Write(payload: 8))
        {
        }

        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        int released = 0;
        foreach (Record record in batch)
        {
            batch.ReleaseThrough(record);
            if (++released == 10)
                break;
        }

        Assert.True(ring.Write(payload: 8));
    }

    [Fact]
    public void Loss_notices_in_front_of_it_are_counted_once()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteLost(5);
        ring.WriteNumbers(0, 0);
        ring.WriteLost(7);
        ring.WriteNumbers(1, 1);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            Release(batch, cpu: 0, through: 0);

        Shown.Numbers(reader);
        Assert.Equal(12ul, reader.Losses().Noticed);
    }

    private static FakePerfRing Eight(ulong start, int cpu = 0)
    {
        FakePerfRing ring = new(cpu: cpu, start: start);
        ring.WriteNumbers(0, 7, payload: 12);
        return ring;
    }

    /// <summary>How many of the eight the producer may write over.</summary>
    private static int Released(FakePerfRing ring) => 8 - (int)((ring.Head - ring.Tail) / 40);

    private static void Release(RecordBatch batch, int cpu, int through)
    {
        foreach (Record record in batch)
        {
            if (record.Cpu == cpu && Shown.Number(record) == through)
            {
                batch.ReleaseThrough(record);
                return;
            }
        }

        Assert.Fail($"no record {through} of CPU {cpu}");
    }
}
