using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

public sealed class ReadBudgetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Fewer_than_one_record_is_refused(long records) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ReadBudget.OfRecords(records));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Less_than_one_byte_is_refused(long bytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ReadBudget.OfBytes(bytes));

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(long.MinValue)]
    public void No_time_is_refused(long ticks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ReadBudget.OfTime(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void By_default_everything_is_unbounded() => Assert.Equal(
        (long.MaxValue, long.MaxValue, Timeout.InfiniteTimeSpan),
        (default(ReadBudget).MaximumRecords, default(ReadBudget).MaximumBytes, default(ReadBudget).MaximumTime));

    [Fact]
    public void An_infinite_time_may_be_said() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, ReadBudget.OfTime(Timeout.InfiniteTimeSpan).MaximumTime);

    [Theory]
    [InlineData(1, new[] { 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(2, new[] { 2, 2, 2, 1 })]
    [InlineData(3, new[] { 3, 3, 1 })]
    [InlineData(7, new[] { 7 })]
    [InlineData(100, new[] { 7 })]
    public void Records_are_delivered_in_portions(long maximum, int[] portions)
    {
        using FakePerfRing ring = Seven(4000);
        using FakeReader reader = new(ring);
        Assert.Equal(portions, Portions(reader, ReadBudget.OfRecords(maximum)));
    }

    [Theory]
    [InlineData(1, new[] { 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(40, new[] { 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(79, new[] { 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(80, new[] { 2, 2, 2, 1 })]
    [InlineData(280, new[] { 7 })]
    [InlineData(279, new[] { 6, 1 })]
    public void Bytes_are_delivered_in_portions(long maximum, int[] portions)
    {
        using FakePerfRing ring = Seven(4000);
        using FakeReader reader = new(ring);
        Assert.Equal(portions, Portions(reader, ReadBudget.OfBytes(maximum)));
    }

    [Theory]
    [InlineData(3, 80, new[] { 2, 2, 2, 1 })]
    [InlineData(2, 1000, new[] { 2, 2, 2, 1 })]
    [InlineData(5, 160, new[] { 4, 3 })]
    public void The_tighter_of_two_bounds_counts(long records, long bytes, int[] portions)
    {
        using FakePerfRing ring = Seven(4000);
        using FakeReader reader = new(ring);
        Assert.Equal(portions, Portions(reader, ReadBudget.OfRecords(records) with { MaximumBytes = bytes }));
    }

    [Fact]
    public void Portions_lose_nothing_and_repeat_nothing()
    {
        using FakePerfRing ring = Seven(4000);
        using FakeReader reader = new(ring);
        List<long> all = [];
        while (all.Count < 7)
            all.AddRange(Shown.Numbers(reader, ReadBudget.OfRecords(3)));

        Assert.Equal([0, 1, 2, 3, 4, 5, 6], all);
    }

    [Fact]
    public void An_oversized_first_record_comes_alone()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 0, payload: 1000);
        ring.WriteNumbers(1, 3);
        Assert.Equal([1, 3], Portions(reader, ReadBudget.OfBytes(200)));
    }

    [Fact]
    public void An_oversized_record_behind_another_waits_for_the_next_read()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 0);
        ring.WriteNumbers(1, 1, payload: 1000);
        ring.WriteNumbers(2, 2);
        Assert.Equal([1, 1, 1], Portions(reader, ReadBudget.OfBytes(200)));
    }

    [Fact]
    public void An_oversized_first_record_in_a_later_ring_waits_for_its_turn()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        one.WriteNumbers(0, 0);
        two.WriteNumbers(1, 1, payload: 1000);
        Assert.Equal([1, 1], Portions(reader, ReadBudget.OfBytes(200)));
    }

    [Fact]
    public void Loss_notices_count_as_records()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 0);
        ring.WriteLost(3);
        ring.WriteNumbers(1, 1);
        Assert.Equal([2, 1], Portions(reader, ReadBudget.OfRecords(2)));
    }

    [Fact]
    public void A_budget_goes_from_ring_to_ring()
    {
        using FakePerfRing one = Seven(0);
        using FakePerfRing two = Seven(4000, cpu: 1);
        using FakeReader reader = new(one, two);
        Assert.Equal([10, 4], Portions(reader, ReadBudget.OfRecords(10)));
    }

    [Fact]
    public void A_busy_ring_does_not_starve_the_others()
    {
        using FakePerfRing busy = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        using FakePerfRing three = new(cpu: 2);
        using FakeReader reader = new(busy, two, three);
        two.WriteNumbers(0, 0);
        three.WriteNumbers(0, 0);
        HashSet<int> seen = [];
        for (int reads = 0; reads < 3; reads++)
        {
            // As busy as can be: never empty.
            busy.WriteNumbers(reads, reads + 1);
            AddCpus(reader, ReadBudget.OfRecords(1), seen);
        }

        Assert.Equal([0, 1, 2], seen.Order());
    }

    [Fact]
    public void A_ring_that_fills_every_time_bound_does_not_starve_the_others()
    {
        using FakePerfRing busy = new(SampleFields.Raw, pages: 4, cpu: 0);
        using FakePerfRing other = new(SampleFields.Raw, cpu: 1);
        using FakeReader reader = new(busy, other);
        other.Write(payload: 8);
        HashSet<int> seen = [];
        for (int reads = 0; reads < 2; reads++)
        {
            while (busy.Write(payload: 500))
            {
            }

            AddCpus(reader, ReadBudget.OfTime(TimeSpan.FromTicks(1)), seen);
        }

        Assert.Equal([0, 1], seen.Order());
    }

    [Fact]
    public void A_handler_that_stops_in_a_busy_ring_does_not_starve_the_others()
    {
        using FakePerfRing busy = new(cpu: 0);
        using FakePerfRing other = new(cpu: 1);
        using FakeReader reader = new(busy, other);
        other.WriteNumbers(0, 0);
        for (int reads = 0; reads < 4 && other.Tail != other.Head; reads++)
        {
            busy.WriteNumbers(reads, reads + 1);
            Counting handler = new() { StopAt = 1 };
            reader.Drain(ref handler);
        }

        Assert.Equal(other.Head, other.Tail);
    }

    [Fact]
    public void The_rest_of_a_bounded_batch_is_not_waited_for()
    {
        using FakePerfRing ring = Seven(0);
        using FakeReader reader = new(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan), ring);
        Shown.Numbers(reader, ReadBudget.OfRecords(3));

        // Nothing would end this wait.
        using RecordBatch batch = reader.Read(Timeout.InfiniteTimeSpan, ReadBudget.OfRecords(3), CancellationToken.None);
        Assert.Equal([3, 4, 5], Shown.Numbers(batch));
    }

    [Fact]
    public void A_damaged_ring_behind_a_used_up_budget_waits_for_its_turn()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        one.WriteNumbers(0, 0);
        two.WriteHeader(type: 9, claimed: 0, taken: 64);
        Assert.Equal([1, 1], Portions(reader, ReadBudget.OfRecords(1)));
    }

    private static FakePerfRing Seven(ulong start, int cpu = 0)
    {
        FakePerfRing ring = new(cpu: cpu, start: start);
        ring.WriteNumbers(0, 6);
        return ring;
    }

    /// <summary>How many records come with each read, until there are none.</summary>
    private static List<int> Portions(FakeReader reader, ReadBudget budget)
    {
        List<int> portions = [];
        while (portions.Count < 100)
        {
            int count = Shown.Kinds(reader, budget).Count;
            if (count == 0)
                break;

            portions.Add(count);
        }

        return portions;
    }

    private static void AddCpus(FakeReader reader, ReadBudget budget, HashSet<int> cpus)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero, budget, CancellationToken.None);
        foreach (Record record in batch)
            cpus.Add(record.Cpu);
    }
}
