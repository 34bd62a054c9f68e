using System.Diagnostics;
using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.Consumers;

/// <summary>Waiting, by the clock of the machine: one reader, which is slept on itself, and two, which share an epoll set.</summary>
public sealed class MergedWaitTests
{
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);

    private static readonly MergeOptions Short = new() { HoldBack = TimeSpan.FromMilliseconds(2) };

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_wait_ends_when_its_time_is_over(int readers)
    {
        using Readers two = new(readers, Never);
        Assert.Equal(ReadStatus.TimedOut, two.Merged.StatusOf(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void A_staged_reader_that_is_disposed_with_a_flush_outstanding_ends_the_merge()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        using MergedReader merged = staged.Reader.Merged(Short);
        Assert.Equal(ReadStatus.TimedOut, merged.StatusOf(TimeSpan.Zero));
        staged.Reader.Flush();
        staged.Reader.Dispose();

        // The rings are gone by now: whoever looked at them would end the process.
        ReadStatus status = merged.StatusOf(Enough);
        Assert.Equal(ReadStatus.Completed, status == ReadStatus.Flushed ? merged.StatusOf(Enough) : status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_held_ends_the_wait_when_it_is_due(int readers)
    {
        using Readers two = new(readers, Never, new MergeOptions { HoldBack = TimeSpan.FromSeconds(1) });
        two.WriteNow(1);
        Assert.Equal(ReadStatus.TimedOut, two.Merged.StatusOf(TimeSpan.Zero));
        Assert.Equal(ReadStatus.Records, two.Merged.StatusOf(Enough));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_announces_nothing_is_found_within_the_longest_delay(int readers)
    {
        using Readers two = new(readers, Wakeup.Immediate.Within(TimeSpan.FromMilliseconds(1)));
        ReadStatus status = default;
        OtherThread consumer = new(() => status = two.Merged.StatusOf());
        consumer.UntilItSleeps();
        two.WriteNow(1);
        consumer.Join();
        Assert.Equal(ReadStatus.Records, status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_flush_from_another_thread_delivers_what_is_held_and_is_reported_once(int readers)
    {
        using Readers two = new(readers, Never, new MergeOptions { HoldBack = TimeSpan.FromMinutes(1) });
        two.WriteNow(1);
        List<ReadStatus> seen = [];
        OtherThread consumer = new(() => seen.AddRange([two.Merged.StatusOf(), two.Merged.StatusOf()]));
        consumer.UntilItSleeps();
        two.Merged.Flush();
        consumer.Join();
        Assert.Equal([ReadStatus.Records, ReadStatus.Flushed], seen);
        Assert.Equal(ReadStatus.TimedOut, two.Merged.StatusOf(TimeSpan.Zero));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_flush_of_a_reader_flushes_the_merge(int readers)
    {
        using Readers two = new(readers, Never, new MergeOptions { HoldBack = TimeSpan.FromMinutes(1) });
        two.WriteNow(1);
        List<ReadStatus> seen = [];
        OtherThread consumer = new(() => seen.AddRange([two.Merged.StatusOf(), two.Merged.StatusOf()]));
        consumer.UntilItSleeps();
        two.All[^1].Flush();
        consumer.Join();
        Assert.Equal([ReadStatus.Records, ReadStatus.Flushed], seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_thousand_flushes_are_a_thousand_reports(int readers)
    {
        using Readers two = new(readers, Never);
        int reports = 0;
        OtherThread consumer = new(() =>
        {
            for (; reports < 1000; reports++)
                Assert.Equal(ReadStatus.Flushed, two.Merged.StatusOf());
        });
        for (int i = 0; i < 1000; i++)
            two.Merged.Flush();

        consumer.Join();
        Assert.Equal(ReadStatus.TimedOut, two.Merged.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Records_that_arrive_after_a_flush_do_not_put_its_report_off()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Never, ring);
        using MergedReader merged = reader.Merged(Short);
        for (int number = 1; number <= 3; number++)
            WriteNow(ring, number);

        merged.Flush();
        List<ReadStatus> seen = [];
        for (int i = 0; i < 4; i++)
        {
            using (MergedBatch batch = merged.Read(TimeSpan.Zero, ReadBudget.OfRecords(1), CancellationToken.None))
            {
                seen.Add(batch.Status);
                Merging.Numbers(batch);
            }

            WriteNow(ring, 10 + i);
        }

        Assert.Equal([ReadStatus.Records, ReadStatus.Records, ReadStatus.Records, ReadStatus.Flushed], seen);
    }

    [Fact]
    public void A_flush_waits_for_an_unfinished_record_and_delivers_it()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        using MergedReader merged = reader.Merged(new MergeOptions { HoldBack = TimeSpan.FromMinutes(1), StampOffset = 0 });
        ulong unfinished = ring.Reserve(Stopwatch.GetTimestamp()).GetValueOrDefault();
        merged.Flush();
        Assert.Equal(ReadStatus.TimedOut, merged.StatusOf(TimeSpan.Zero));
        ring.Commit(unfinished);
        Assert.Equal(ReadStatus.Records, merged.StatusOf(TimeSpan.Zero));
        Assert.Equal(ReadStatus.Flushed, merged.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_flush_ends_in_front_of_a_record_that_is_never_finished()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        using MergedReader merged = reader.Merged(new MergeOptions { StampOffset = 0 });
        ring.Reserve(Stopwatch.GetTimestamp());
        merged.Flush();
        Assert.Equal(ReadStatus.Flushed, merged.StatusOf(Enough));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Dispose_ends_the_wait_and_leaves_the_readers_open(int readers)
    {
        using Readers two = new(readers, Never);
        ReadStatus status = default;
        OtherThread consumer = new(() => status = two.Merged.StatusOf());
        consumer.UntilItSleeps();
        two.Merged.Dispose();
        consumer.Join();
        Assert.Equal(ReadStatus.Completed, status);
        Assert.Throws<ObjectDisposedException>(() => two.Merged.StatusOf());
        Assert.All(two.All, static reader => Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void When_every_reader_is_disposed_what_is_held_is_delivered_and_then_it_is_over(int readers)
    {
        using Readers two = new(readers, Never, new MergeOptions { HoldBack = TimeSpan.FromMinutes(1) });
        two.WriteNow(1);
        List<ReadStatus> seen = [];
        OtherThread consumer = new(() => seen.AddRange([two.Merged.StatusOf(), two.Merged.StatusOf(), two.Merged.StatusOf()]));
        consumer.UntilItSleeps();
        foreach (FakeReader reader in two.All)
            reader.Dispose();

        consumer.Join();
        Assert.Equal([ReadStatus.Records, ReadStatus.Completed, ReadStatus.Completed], seen);
        Assert.All(two.All, static reader => Assert.Equal(1, reader.Closes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_token_ends_the_wait(int readers)
    {
        using Readers two = new(readers, Never);
        using CancellationTokenSource source = new();
        bool canceled = false;
        OtherThread consumer = new(() =>
        {
            try
            {
                two.Merged.StatusOf(Timeout.InfiniteTimeSpan, source.Token);
            }
            catch (OperationCanceledException)
            {
                canceled = true;
            }
        });
        consumer.UntilItSleeps();
        source.Cancel();
        consumer.Join();
        Assert.True(canceled);
    }

    [Fact]
    public void While_a_merge_waits_other_reads_of_its_readers_throw_and_between_reads_they_take_records_away()
    {
        using Readers two = new(2, Never);
        OtherThread consumer = new(() => two.Merged.StatusOf());
        consumer.UntilItSleeps();
        Assert.Throws<InvalidOperationException>(() => two.All[0].StatusOf(TimeSpan.Zero));
        Assert.Throws<InvalidOperationException>(() => two.Merged.StatusOf(TimeSpan.Zero));
        two.Merged.Flush();
        consumer.Join();
        two.WriteNow(1);
        Assert.Equal([1], Shown.Numbers(two.All[0]));
        two.Merged.Flush();
        Assert.Equal(ReadStatus.Flushed, two.Merged.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_reader_that_is_read_elsewhere_keeps_no_other_one_taken()
    {
        using Readers two = new(2, Never);
        RecordBatch batch = default;
        two.WriteNow(1, reader: 1);
        batch = two.All[1].Read(TimeSpan.Zero);
        Assert.Throws<InvalidOperationException>(() => two.Merged.StatusOf(TimeSpan.Zero));
        Assert.Equal(ReadStatus.TimedOut, two.All[0].StatusOf(TimeSpan.Zero));
        batch.Dispose();
        Assert.Equal(ReadStatus.TimedOut, two.Merged.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_forgotten_batch_makes_the_next_read_throw_and_a_disposed_one_can_not_be_walked()
    {
        using Readers one = new(1, Never, new MergeOptions { HoldBack = TimeSpan.Zero });
        one.WriteNow(1);
        MergedBatch batch = one.Merged.Read(Enough);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => one.Merged.StatusOf(TimeSpan.Zero));
        Assert.Contains("using MergedBatch", e.Message, StringComparison.Ordinal);
        batch.Dispose();
        bool throws = false;
        try
        {
            batch.GetEnumerator();
        }
        catch (InvalidOperationException)
        {
            throws = true;
        }

        Assert.True(throws);

        // Not visited: it is there again.
        Assert.Equal([1], one.Merged.Numbers());
        batch.Dispose();
    }

    [Fact]
    public void A_shared_ring_is_woken_by_its_writer_and_merged_by_the_stamp_in_its_payload()
    {
        using SharedRing shared = SharedRing.CreateAnonymous(new SharedRingOptions());
        using SharedRingWriter writer = shared.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(shared);
        using MergedReader merged = reader.Merged(Short with { StampOffset = 0 });
        List<long> seen = [];
        OtherThread consumer = new(() =>
        {
            using MergedBatch batch = merged.Read();
            seen.AddRange(Merging.Numbers(batch));
        });
        consumer.UntilItSleeps();
        long now = Stopwatch.GetTimestamp();
        Assert.True(writer.TryWrite(BitConverter.GetBytes(now)));
        consumer.Join();
        Assert.Equal([now], seen);
    }

    private static void WriteNow(FakePerfRing ring, long number) =>
        Assert.True(ring.Write(Numbered.Sample(number) with { Time = (ulong)Stopwatch.GetTimestamp() }), $"no room for {number}");

    /// <summary>One or two readers, merged.</summary>
    private sealed class Readers : IDisposable
    {
        private readonly List<FakePerfRing> _rings = [];

        internal Readers(int count, Wakeup wakeup, MergeOptions? options = null)
        {
            for (int i = 0; i < count; i++)
            {
                _rings.Add(new FakePerfRing(cpu: i));
                All.Add(new FakeReader(wakeup, _rings[i]));
            }

            Merged = MergedReader.Over(All, options ?? Short);
        }

        internal List<FakeReader> All { get; } = [];

        internal MergedReader Merged { get; }

        internal void WriteNow(long number, int reader = 0) => MergedWaitTests.WriteNow(_rings[reader], number);

        public void Dispose()
        {
            Merged.Dispose();
            foreach (FakeReader reader in All)
                reader.Dispose();

            foreach (FakePerfRing ring in _rings)
                ring.Dispose();
        }
    }
}
