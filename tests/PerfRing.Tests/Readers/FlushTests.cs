using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

public sealed class FlushTests
{
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);

    [Fact]
    public void An_empty_reader_is_flushed_at_once()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        reader.Flush();
        Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Flushed_is_reported_once()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        reader.Flush();
        Assert.Equal([ReadStatus.Flushed, ReadStatus.TimedOut, ReadStatus.TimedOut], Statuses(reader, 3));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Flushed_is_reported_once_for_each_call(int calls)
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        for (int i = 0; i < calls; i++)
            reader.Flush();

        Assert.Equal(
            [.. Enumerable.Repeat(ReadStatus.Flushed, calls), ReadStatus.TimedOut], Statuses(reader, calls + 1));
    }

    [Fact]
    public void Records_from_before_the_call_come_before_the_report()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        reader.Flush();
        Assert.Equal([ReadStatus.Records, ReadStatus.Flushed, ReadStatus.TimedOut], Statuses(reader, 3));
    }

    [Fact]
    public void With_a_budget_the_report_waits_for_all_records_from_before_the_call()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        reader.Flush();
        Assert.Equal(
            [ReadStatus.Records, ReadStatus.Records, ReadStatus.Records, ReadStatus.Flushed],
            Statuses(reader, 4, ReadBudget.OfRecords(1)));
    }

    [Fact]
    public void The_report_waits_for_all_rings()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1, start: 4080);
        using FakeReader reader = new(one, two);
        one.WriteNumbers(1, 2);
        two.WriteNumbers(1, 2);
        reader.Flush();
        Assert.Equal(
            [ReadStatus.Records, ReadStatus.Records, ReadStatus.Records, ReadStatus.Records, ReadStatus.Flushed],
            Statuses(reader, 5, ReadBudget.OfRecords(1)));
    }

    [Fact]
    public void Positions_that_pass_2_to_the_64_are_flushed()
    {
        using FakePerfRing ring = new(start: ulong.MaxValue - 47);
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        reader.Flush();
        Assert.Equal(
            [ReadStatus.Records, ReadStatus.Records, ReadStatus.Records, ReadStatus.Flushed],
            Statuses(reader, 4, ReadBudget.OfRecords(1)));
    }

    [Fact]
    public void Records_that_arrive_later_do_not_put_the_report_off()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        reader.Flush();
        List<ReadStatus> seen = [];
        for (int i = 0; i < 4; i++)
        {
            // One record a read, and one more is written before each: the ring is never empty.
            seen.AddRange(Statuses(reader, 1, ReadBudget.OfRecords(1)));
            ring.WriteNumbers(10 + i, 10 + i);
        }

        Assert.Equal([ReadStatus.Records, ReadStatus.Records, ReadStatus.Records, ReadStatus.Flushed], seen);
    }

    [Fact]
    public void Records_that_arrived_later_come_after_the_report()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 1);
        reader.Flush();
        Shown.Numbers(reader);
        ring.WriteNumbers(2, 3);
        Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
        Assert.Equal([2, 3], Shown.Numbers(reader));
    }

    [Fact]
    public void A_flush_while_a_batch_is_out_is_reported_after_it()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 1);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        reader.Flush();
        batch.Dispose();
        Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Records_that_were_kept_are_delivered_again_before_the_report()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        reader.Flush();
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                batch.ReleaseThrough(record);
                break;
            }
        }

        Assert.Equal([2, 3], Shown.Numbers(reader));
        Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_flush_from_another_thread_ends_the_wait()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        ReadStatus status = default;
        OtherThread consumer = new(() => status = reader.StatusOf());
        consumer.UntilItSleeps();
        reader.Flush();
        consumer.Join();
        Assert.Equal(ReadStatus.Flushed, status);
    }

    [Fact]
    public void A_flush_that_coincides_with_records_is_reported_once_after_them()
    {
        for (int round = 0; round < 500; round++)
        {
            using FakePerfRing ring = new();
            using FakeReader reader = new(Never, ring);
            List<ReadStatus> seen = [];
            using Barrier together = new(2);
            OtherThread consumer = new(() =>
            {
                together.SignalAndWait();
                while (!seen.Contains(ReadStatus.Flushed))
                {
                    using RecordBatch batch = reader.Read();
                    seen.Add(batch.Status);
                    seen.AddRange(Shown.Numbers(batch).Select(static _ => ReadStatus.Records));
                }
            });
            together.SignalAndWait();
            Thread.SpinWait(round);
            ring.WriteNumbers(1, 2);
            reader.Flush();
            consumer.Join();

            // Two records, in one batch or two, and each batch itself.
            Assert.InRange(seen.Count(static status => status == ReadStatus.Records), 3, 4);
            Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
        }
    }

    [Fact]
    public void A_thousand_calls_from_two_threads_are_a_thousand_reports()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        void Flush500()
        {
            for (int i = 0; i < 500; i++)
                reader.Flush();
        }

        OtherThread one = new(Flush500);
        OtherThread two = new(Flush500);
        int reports = 0;
        OtherThread consumer = new(() =>
        {
            while (reports < 1000)
            {
                Assert.Equal(ReadStatus.Flushed, reader.StatusOf());
                reports++;
            }
        });
        one.Join();
        two.Join();
        consumer.Join();
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    private static List<ReadStatus> Statuses(FakeReader reader, int reads, ReadBudget budget = default)
    {
        List<ReadStatus> statuses = [];
        for (int i = 0; i < reads; i++)
        {
            using RecordBatch batch = reader.Read(TimeSpan.Zero, budget, CancellationToken.None);
            statuses.Add(batch.Status);
        }

        return statuses;
    }
}
