using PerfRing.Testing;

namespace PerfRing.Tests.Records;

public sealed class BatchWalkTests
{
    [Theory]
    [InlineData(0ul)]
    [InlineData(4000ul)]
    [InlineData(ulong.MaxValue - 95)]
    public void A_second_walk_shows_the_same(ulong start)
    {
        using FakePerfRing one = Mixed(0, start);
        using FakePerfRing two = Mixed(1, start);
        using FakeReader reader = new(one, two);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        List<long> first = Shown.Numbers(batch);
        Assert.Equal([0, 1, -1, 2, -1, 3, 0, 1, -1, 2, -1, 3], first);
        Assert.Equal(first, Shown.Numbers(batch));
    }

    [Fact]
    public void A_walk_after_one_that_was_left_starts_from_the_first_record()
    {
        using FakePerfRing ring = Mixed(0, 0);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record _ in batch)
            break;

        Assert.Equal([0, 1, -1, 2, -1, 3], Shown.Numbers(batch));
    }

    [Fact]
    public void Once_at_its_end_a_walk_stays_there()
    {
        using FakePerfRing ring = Mixed(0, 0);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        while (records.MoveNext())
        {
        }

        Assert.False(records.MoveNext());
    }

    [Fact]
    public void Rings_are_walked_one_after_the_other_with_empty_ones_left_out()
    {
        using FakePerfRing one = Mixed(4, 0);
        using FakePerfRing two = new(cpu: 5);
        using FakePerfRing three = Mixed(9, 4000);
        using FakeReader reader = new(one, two, three);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        List<int> cpus = [];
        foreach (Record record in batch)
            cpus.Add(record.Cpu);

        Assert.Equal([4, 4, 4, 4, 4, 4, 9, 9, 9, 9, 9, 9], cpus);
    }

    [Fact]
    public void A_ring_filled_to_its_last_byte_is_walked_whole()
    {
        using FakePerfRing ring = new(SampleFields.Raw, start: 4000);
        using FakeReader reader = new(ring);
        for (int number = 0; number < Environment.SystemPageSize / 32; number++)
            ring.Force(Numbered.Sample(number, payload: 20));

        Assert.Equal(Enumerable.Range(0, Environment.SystemPageSize / 32).Select(static n => (long)n), Shown.Numbers(reader));
    }

    /// <summary>Samples 0 to 3 with a loss notice and an unknown kind between them.</summary>
    private static FakePerfRing Mixed(int cpu, ulong start)
    {
        FakePerfRing ring = new(cpu: cpu, start: start);
        ring.WriteNumbers(0, 1);
        ring.WriteLost(3);
        ring.WriteNumbers(2, 2);
        ring.WriteOther(77, new byte[16]);
        ring.WriteNumbers(3, 3);
        return ring;
    }
}
