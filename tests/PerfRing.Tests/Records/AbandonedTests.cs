using PerfRing.Testing;

namespace PerfRing.Tests.Records;

/// <summary>Leaving a batch early loses nothing in silence.</summary>
public sealed class AbandonedTests
{
    private const int Count = 12;

    public static TheoryData<int, ulong> Steps
    {
        get
        {
            TheoryData<int, ulong> rows = [];
            for (int steps = 0; steps <= Count; steps++)
            {
                foreach (ulong start in new[] { 0ul, 4096 - 240ul, 4096 - 216ul, ulong.MaxValue - 207 })
                    rows.Add(steps, start);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void What_was_not_visited_is_abandoned(int steps, ulong start)
    {
        using FakePerfRing ring = Twelve(start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            Visit(batch, steps);

        Assert.Equal((ulong)(Count - steps), reader.Losses().Abandoned);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void What_was_abandoned_does_not_come_again(int steps, ulong start)
    {
        using FakePerfRing ring = Twelve(start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            Visit(batch, steps);

        ring.WriteNumbers(100, 101);
        Assert.Equal([100, 101], Shown.Numbers(reader));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void What_an_earlier_walk_visited_is_not_abandoned(int steps, ulong start)
    {
        using FakePerfRing ring = Twelve(start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            Visit(batch, steps);
            Visit(batch, Math.Min(3, steps));
        }

        Assert.Equal((ulong)(Count - steps), reader.Losses().Abandoned);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_walk_that_was_started_and_not_stepped_gives_up_nothing_more(int steps, ulong start)
    {
        using FakePerfRing ring = Twelve(start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            Visit(batch, steps);
            batch.GetEnumerator();
        }

        Assert.Equal((ulong)(Count - steps), reader.Losses().Abandoned);
    }

    [Theory]
    [InlineData(0, 12, 12, 12)]
    [InlineData(5, 7, 12, 12)]
    [InlineData(12, 0, 12, 12)]
    [InlineData(13, 0, 11, 12)]
    [InlineData(24, 0, 0, 12)]
    [InlineData(35, 0, 0, 1)]
    [InlineData(36, 0, 0, 0)]
    public void Each_ring_counts_its_own(int steps, ulong first, ulong second, ulong third)
    {
        using FakePerfRing one = Twelve(0);
        using FakePerfRing two = Twelve(4000);
        using FakePerfRing three = Twelve(ulong.MaxValue - 95);
        using FakeReader reader = new(one, two, three);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            Visit(batch, steps);

        Assert.Equal(
            (first, second, third), (reader.Losses(0).Abandoned, reader.Losses(1).Abandoned, reader.Losses(2).Abandoned));
    }

    [Fact]
    public void A_bounded_batch_abandons_no_more_than_it_held()
    {
        using FakePerfRing ring = Twelve(0);
        using FakeReader reader = new(ring);
        reader.Read(TimeSpan.Zero, ReadBudget.OfRecords(5), default).Dispose();
        Assert.Equal(5ul, reader.Losses().Abandoned);
    }

    [Fact]
    public void An_exception_in_the_loop_abandons_what_follows()
    {
        using FakePerfRing ring = Twelve(0);
        using FakeReader reader = new(ring);
        Assert.Throws<HandlerException>(() =>
        {
            using RecordBatch batch = reader.Read(TimeSpan.Zero);
            foreach (Record _ in batch)
                throw new HandlerException();
        });
        Assert.Equal(Count - 1ul, reader.Losses().Abandoned);
    }

    private static FakePerfRing Twelve(ulong start)
    {
        FakePerfRing ring = new(start: start);
        ring.WriteNumbers(0, Count - 1);
        return ring;
    }

    private static void Visit(RecordBatch batch, int steps)
    {
        RecordBatch.Enumerator records = batch.GetEnumerator();
        for (int i = 0; i < steps; i++)
            Assert.True(records.MoveNext());
    }
}
