using PerfRing.Testing;

namespace PerfRing.Tests.Records;

/// <summary>An outage is made by the reader, and stands where it happened.</summary>
public sealed class OutageRecordTests
{
    private static readonly CpuOutage Outage = new(1_000, 2_000);

    [Fact]
    public void It_stands_between_what_was_written_before_and_after_it()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 2);
        ring.Ring.Announce(Outage);
        ring.WriteNumbers(3, 5);
        Assert.Equal([0, 1, 2, -1, 3, 4, 5], Shown.Numbers(reader));
    }

    [Fact]
    public void It_comes_by_itself_from_a_ring_that_holds_nothing()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.Ring.Announce(Outage);
        Assert.Equal([RecordKind.Outage], Shown.Kinds(reader));
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Several_come_in_order()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        for (ulong i = 0; i < 3; i++)
            ring.Ring.Announce(new CpuOutage(i, i + 1));

        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        ulong expected = 0;
        foreach (Record record in batch)
            Assert.Equal(new CpuOutage(expected, ++expected), record.Outage);

        Assert.Equal(3ul, expected);
    }

    [Fact]
    public void It_has_its_times_and_its_cpu_and_nothing_else()
    {
        using FakePerfRing ring = new(cpu: 7);
        using FakeReader reader = new(ring);
        ring.Ring.Announce(Outage);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        Assert.True(records.MoveNext());
        Record record = records.Current;
        Assert.Equal(Outage, record.Outage);
        Assert.Equal(2_000ul, record.Time);
        Assert.Equal((7, 0, -1, 0ul, 0ul), (record.Cpu, record.Payload.Length, record.SourceIndex, record.LostCount, record.SkippedBytes));
        Assert.Equal((int)record.Size, record.Bytes.Length);
        using OwnedRecord copy = record.ToOwned();
        Assert.Equal(Outage, copy.View.Outage);
        Assert.False(records.MoveNext());
    }

    [Theory]
    [InlineData(0, new long[] { 1, 2, -1, 3 })]
    [InlineData(2, new long[] { -1, 3 })]
    [InlineData(3, new long[] { 3 })]
    [InlineData(4, new long[] { })]
    public void A_release_through_a_record_keeps_what_lies_behind(int shown, long[] rest)
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 2);
        ring.Ring.Announce(Outage);
        ring.WriteNumbers(3, 3);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            RecordBatch.Enumerator records = batch.GetEnumerator();
            for (int i = 0; i <= shown; i++)
                Assert.True(records.MoveNext());

            batch.ReleaseThrough(records.Current);

            // Again, which changes nothing.
            batch.ReleaseThrough(records.Current);
            Assert.Equal(rest, Shown.Numbers(batch));
        }

        Assert.Equal(rest, Shown.Numbers(reader));
    }

    [Fact]
    public void It_uses_up_budget_like_a_record()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.Ring.Announce(Outage);
        ring.WriteNumbers(0, 1);
        Assert.Equal([-1], Shown.Numbers(reader, ReadBudget.OfRecords(1)));
        Assert.Equal([0], Shown.Numbers(reader, ReadBudget.OfRecords(1)));
        Assert.Equal([1], Shown.Numbers(reader, ReadBudget.OfRecords(1)));
    }

    [Fact]
    public void Giving_it_up_abandons_no_record()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 1);
        ring.Ring.Announce(Outage);
        reader.Read(TimeSpan.Zero).Dispose();
        Assert.Equal(2ul, reader.Losses().Abandoned);
        Assert.Equal(0, ring.Ring.PendingNotices);
    }

    [Fact]
    public void More_than_anybody_leaves_unread_are_dropped_and_the_ring_goes_on()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        for (ulong i = 0; i < 100; i++)
            ring.Ring.Announce(new CpuOutage(i, i + 1));

        Assert.Equal((int)OutageNotices.Slots, Shown.Kinds(reader).Count);
        ring.Ring.Announce(Outage);
        Assert.Equal([RecordKind.Outage], Shown.Kinds(reader));
    }

    [Fact]
    public void A_ring_that_holds_one_of_its_kind_is_damaged()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteHeader(type: (uint)RecordKind.Outage, claimed: 64, taken: 64);
        Assert.Equal([RecordKind.Gap], Shown.Kinds(reader));
    }

    [Fact]
    public void Reading_through_a_pipe_gives_them_up()
    {
        using FakePerfRing ring = new(pages: 4);
        using FakeReader reader = new(ring);
        System.IO.Pipelines.PipeReader pipe = reader.AsPipeReader();
        for (int i = 0; i < 100; i++)
        {
            ring.Ring.Announce(Outage);
            ring.WriteNumbers(i, i);
            Assert.True(pipe.TryRead(out System.IO.Pipelines.ReadResult result));
            pipe.AdvanceTo(result.Buffer.End);
        }

        Assert.InRange(ring.Ring.PendingNotices, 0, 1);
    }

    [Fact]
    public void The_ledger_lists_outages_and_is_not_exact_with_one()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.Ring.Outages.Begin(5);
        Assert.Equal([new CpuOutage(5, null)], reader.Losses().Outages);
        ring.Ring.Outages.End(9);
        CpuLosses losses = reader.Losses() with { Lost = 0 };
        Assert.Equal([new CpuOutage(5, 9)], losses.Outages);
        Assert.Equal((1L, false, true), (losses.OutageCount, losses.IsExact, losses.IsAny));
    }

    [Fact]
    public void The_ledger_keeps_the_last_outages_and_counts_all()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        for (ulong i = 0; i < 1_000; i++)
        {
            ring.Ring.Outages.Begin(i);
            ring.Ring.Outages.End(i + 1);
        }

        CpuLosses losses = reader.Losses();
        Assert.Equal((1_000L, RingOutages.Kept), (losses.OutageCount, losses.Outages.Count));
        Assert.Equal(new CpuOutage(999, 1_000), losses.Outages[^1]);
    }
}
