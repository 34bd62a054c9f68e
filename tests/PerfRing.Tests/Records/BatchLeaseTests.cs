using PerfRing.Testing;

namespace PerfRing.Tests.Records;

/// <summary>A batch can't be misused silently.</summary>
public sealed class BatchLeaseTests
{
    [Fact]
    public void A_read_while_a_batch_is_out_throws_and_says_what_to_write()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => reader.StatusOf(TimeSpan.Zero));
        Assert.Contains("using RecordBatch batch = reader.Read", error.Message, StringComparison.Ordinal);
        Assert.Contains("disposed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drain_while_a_batch_is_out_throws()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Assert.Throws<InvalidOperationException>(() =>
        {
            Counting handler = default;
            reader.Drain(ref handler);
        });
    }

    [Fact]
    public void The_read_that_threw_takes_nothing_from_the_batch_that_is_out()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Assert.Throws<InvalidOperationException>(() => reader.StatusOf(TimeSpan.Zero));
        Assert.Equal([0, 1, 2], Shown.Numbers(batch));
    }

    [Fact]
    public void Disposing_lets_the_next_read_go_on()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        reader.Read(TimeSpan.Zero).Dispose();
        ring.WriteNumbers(3, 3);
        Assert.Equal([3], Shown.Numbers(reader));
    }

    [Fact]
    public void Nothing_is_released_before_the_batch_is_disposed()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Shown.Numbers(batch);
        Assert.Equal(0ul, ring.Tail);
    }

    [Fact]
    public void Disposing_releases_the_whole_batch()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        Shown.Numbers(reader);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void A_batch_does_not_grow_with_what_is_written_during_it()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        List<long> seen = [];
        foreach (Record record in batch)
        {
            seen.Add(Shown.Number(record));
            ring.WriteNumbers(100 + seen.Count, 100 + seen.Count);
        }

        Assert.Equal([0, 1, 2], seen);
    }

    [Fact]
    public void A_second_dispose_releases_nothing_of_the_next_batch()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        RecordBatch first = reader.Read(TimeSpan.Zero);
        first.Dispose();
        ring.WriteNumbers(3, 4);
        using RecordBatch second = reader.Read(TimeSpan.Zero);
        first.Dispose();
        Assert.Equal([3, 4], Shown.Numbers(second));
    }

    [Fact]
    public void Disposing_a_copy_ends_the_lease()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch copy = batch;
        copy.Dispose();
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Disposing_a_copy_after_the_batch_counts_nothing_twice()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch copy = batch;
        batch.Dispose();
        copy.Dispose();
        Assert.Equal(3ul, reader.Losses().Abandoned);
    }

    [Fact]
    public void Walking_a_disposed_batch_throws()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        batch.Dispose();
        AssertThrows(batch, static disposed => disposed.GetEnumerator());
    }

    [Fact]
    public void Walking_a_disposed_batch_throws_also_while_another_is_out()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        RecordBatch first = reader.Read(TimeSpan.Zero);
        first.Dispose();
        ring.WriteNumbers(3, 4);
        using RecordBatch second = reader.Read(TimeSpan.Zero);
        AssertThrows(first, static disposed => disposed.GetEnumerator());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_enumerator_of_a_disposed_batch_throws(int steps)
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = Step(batch, steps);
        batch.Dispose();
        AssertThrows(records);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void An_enumerator_of_a_disposed_batch_throws_also_while_another_is_out(int steps)
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        RecordBatch first = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = Step(first, steps);
        first.Dispose();
        ring.WriteNumbers(3, 4);
        using RecordBatch second = reader.Read(TimeSpan.Zero);
        AssertThrows(records);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public void An_enumerator_throws_once_another_walk_is_elsewhere(int steps, int others)
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = Step(batch, steps);
        Step(batch, others);
        AssertThrows(records);
    }

    [Fact]
    public void Releasing_through_a_record_of_a_disposed_batch_throws()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = Step(batch, 1);
        batch.Dispose();
        AssertReleaseThrows(batch, records.Current);
    }

    [Fact]
    public void Releasing_through_a_record_of_another_reader_throws()
    {
        using FakePerfRing ring = Three();
        using FakePerfRing other = Three();
        using FakeReader reader = new(ring);
        using FakeReader otherReader = new(other);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        using RecordBatch otherBatch = otherReader.Read(TimeSpan.Zero);
        AssertReleaseThrows(batch, Step(otherBatch, 1).Current);
    }

    [Fact]
    public void Releasing_through_no_record_throws()
    {
        using FakePerfRing ring = Three();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        AssertReleaseThrows(batch, default);
    }

    [Fact]
    public void A_batch_with_a_status_only_has_no_records()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Assert.Empty(Shown.Numbers(batch));
    }

    [Fact]
    public void A_batch_with_a_status_only_need_not_be_disposed()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
#pragma warning disable PERFRING1001 // That it works without is what is tested.
        reader.Read(TimeSpan.Zero);
#pragma warning restore PERFRING1001
        ring.WriteNumbers(1, 1);
        Assert.Equal([1], Shown.Numbers(reader));
    }

    [Fact]
    public void Releasing_through_a_record_in_a_batch_with_a_status_only_throws()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        AssertReleaseThrows(batch, default);
    }

    private static FakePerfRing Three()
    {
        FakePerfRing ring = new();
        ring.WriteNumbers(0, 2);
        return ring;
    }

    private static RecordBatch.Enumerator Step(RecordBatch batch, int steps)
    {
        RecordBatch.Enumerator records = batch.GetEnumerator();
        for (int i = 0; i < steps; i++)
            Assert.True(records.MoveNext());

        return records;
    }

    // A ref struct can't be captured, so that Assert.Throws can't be used on it.
    private static void AssertThrows(RecordBatch batch, BatchAction action)
    {
        try
        {
            action(batch);
        }
        catch (InvalidOperationException)
        {
            return;
        }

        Assert.Fail("no InvalidOperationException");
    }

    private static void AssertThrows(RecordBatch.Enumerator records)
    {
        bool moved;
        try
        {
            moved = records.MoveNext();
        }
        catch (InvalidOperationException)
        {
            return;
        }

        Assert.Fail(moved ? $"stepped onto {Shown.Number(records.Current)}" : "said that the batch is at its end");
    }

    private static void AssertReleaseThrows(RecordBatch batch, Record record)
    {
        try
        {
            batch.ReleaseThrough(record);
        }
        catch (InvalidOperationException)
        {
            return;
        }

        Assert.Fail("no InvalidOperationException");
    }

    private delegate void BatchAction(RecordBatch batch);
}
