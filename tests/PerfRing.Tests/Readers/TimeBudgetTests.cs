using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

/// <summary>A batch bounded by time: what it did not get to stays.</summary>
public sealed class TimeBudgetTests
{
    private static readonly ReadBudget Shortest = ReadBudget.OfTime(TimeSpan.FromTicks(1));

    [Fact]
    public void A_batch_ends_when_its_time_is_over()
    {
        using FakePerfRing ring = Full();
        using FakeReader reader = new(ring);
        Assert.InRange(Shown.Numbers(reader, Shortest).Count, 1, (int)ring.Accepted / 2);
    }

    [Fact]
    public void The_first_record_comes_however_short_the_time_is()
    {
        using FakePerfRing ring = Full();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero, Shortest, CancellationToken.None);
        UntilOver(Stopwatch.GetTimestamp());
        Assert.NotEmpty(Shown.Numbers(batch));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(16_000ul)]
    [InlineData(ulong.MaxValue - 8_191)]
    public void All_records_come_in_the_end_once_and_in_order(ulong start)
    {
        using FakePerfRing ring = Full(start);
        using FakeReader reader = new(ring);
        List<long> all = [];
        for (int reads = 0; reads < ring.Accepted && all.Count < ring.Accepted; reads++)
            all.AddRange(Shown.Numbers(reader, Shortest));

        Assert.Equal(Enumerable.Range(0, (int)ring.Accepted).Select(static n => (long)n), all);
    }

    [Fact]
    public void What_time_did_not_allow_is_not_abandoned()
    {
        using FakePerfRing ring = Full();
        using FakeReader reader = new(ring);
        Shown.Numbers(reader, Shortest);
        Assert.Equal(0ul, reader.Losses().Abandoned);
    }

    [Fact]
    public void Leaving_a_batch_whose_time_is_not_over_abandons_the_rest()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 2);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero, ReadBudget.OfTime(TimeSpan.FromHours(1)), CancellationToken.None))
        {
            foreach (Record _ in batch)
                break;
        }

        Assert.Equal(2ul, reader.Losses().Abandoned);
    }

    [Fact]
    public void A_batch_with_time_enough_is_walked_whole()
    {
        using FakePerfRing ring = Full();
        using FakeReader reader = new(ring);
        Assert.Equal(ring.Accepted, Shown.Numbers(reader, ReadBudget.OfTime(TimeSpan.FromHours(1))).Count);
    }

    [Fact]
    public void A_second_walk_that_gets_less_far_makes_nothing_come_again()
    {
        using FakePerfRing one = Full(cpu: 0);
        using FakePerfRing two = Full(cpu: 1);
        using FakeReader reader = new(one, two);
        int visited = 0;
        TimeSpan bound = TimeSpan.FromMilliseconds(250);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero, ReadBudget.OfTime(bound), CancellationToken.None))
        {
            // The first walk gets into the second ring and then its time is over; the second one only starts.
            long over = Stopwatch.GetTimestamp() + (long)(bound.TotalSeconds * Stopwatch.Frequency);
            foreach (Record record in batch)
            {
                visited++;
                if (record.Cpu == 1)
                    UntilOver(over);
            }

            Shown.Numbers(batch);
        }

        Assert.InRange(visited, one.Accepted + 1, one.Accepted + two.Accepted - 1);
        long rest = 0;
        while (reader.AvailableBytes != 0)
            rest += Shown.Numbers(reader).Count;

        Assert.Equal(one.Accepted + two.Accepted, visited + rest);
    }

    [Fact]
    public void A_drain_bounded_by_time_leaves_the_rest_for_the_next()
    {
        using FakePerfRing ring = Full();
        using FakeReader reader = new(ring);
        Counting handler = default;
        long sum = 0;
        for (int drains = 0; drains < ring.Accepted && sum < ring.Accepted; drains++)
            sum += reader.Drain(ref handler, Shortest).Records;

        Assert.Equal((ring.Accepted, ring.Accepted), (sum, handler.Records));
    }

    [Fact]
    public void A_drain_that_ran_out_of_time_was_not_stopped()
    {
        using FakePerfRing ring = Full();
        using FakeReader reader = new(ring);
        Counting handler = default;
        Assert.False(reader.Drain(ref handler, Shortest).Stopped);
    }

    /// <summary>16 KiB of records: the clock is looked at every 4 KiB.</summary>
    private static FakePerfRing Full(ulong start = 0, int cpu = 0)
    {
        FakePerfRing ring = new(pages: 4, cpu: cpu, start: start);
        while (ring.Write(Numbered.Sample(ring.Accepted)))
        {
        }

        return ring;
    }

    private static void UntilOver(long timestamp)
    {
        while (Stopwatch.GetTimestamp() <= timestamp)
        {
        }
    }
}
