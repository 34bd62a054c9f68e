using System.IO.Pipelines;
using PerfRing.Testing;
using PerfRing.Tests.Pipes;

namespace PerfRing.Tests.Readers;

public sealed class LaneTests
{
    [Fact]
    public void Each_lane_reads_its_ring_and_no_other()
    {
        using FakePerfRing one = new(cpu: 3);
        using FakePerfRing two = new(cpu: 7);
        using FakeReader reader = new(one, two);
        one.WriteNumbers(1, 3);
        two.WriteNumbers(11, 12);
        using RingLanes lanes = reader.Split();
        Assert.Equal([3, 7], lanes.Select(static lane => lane.Cpu));
        Assert.Equal([11, 12], Shown.Numbers(lanes[1]));
        Assert.Equal([1, 2, 3], Shown.Numbers(lanes[0]));
    }

    [Fact]
    public void Lanes_are_read_at_the_same_time()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        one.WriteNumbers(1, 1);
        two.WriteNumbers(2, 2);
        using RingLanes lanes = reader.Split();
        using RecordBatch batch = lanes[0].Read();
        using RecordBatch other = lanes[1].Read();
        Assert.Equal(ReadStatus.Records, other.Status);
    }

    [Fact]
    public void A_reader_that_is_split_can_not_be_read()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using RingLanes lanes = reader.Split();
        Assert.Contains("lanes", Assert.Throws<InvalidOperationException>(() => reader.StatusOf()).Message);
        Assert.Throws<InvalidOperationException>(() => reader.Split());
        Assert.Throws<InvalidOperationException>(() => reader.AsPipeReader().ReadAsync().Preserve());
        Assert.Throws<InvalidOperationException>(() => reader.AsPipeReader().TryRead(out _));
    }

    [Fact]
    public void A_reader_whose_lanes_are_disposed_goes_on_where_they_stopped()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        one.WriteNumbers(1, 4);
        two.WriteNumbers(11, 11);
        using (RingLanes lanes = reader.Split())
            Assert.Equal([1, 2], Shown.Numbers(lanes[0], ReadBudget.OfRecords(2)));

        Assert.Equal([3, 4, 11], Shown.Numbers(reader).Order());
        Assert.False(one.IsUnmapped);
    }

    [Fact]
    public void A_pipe_over_the_whole_goes_on_where_the_lanes_stopped()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.WriteNumbers(1, 2);
        pipe.Keep(pipe.Now());
        using (RingLanes lanes = reader.Split())
            Assert.Equal([1, 2], Shown.Numbers(lanes[0]));

        ring.WriteNumbers(3, 3);
        ReadResult result = pipe.Now();
        Assert.Equal([3], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public void Each_lane_has_a_pipe_of_its_own()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        using RingLanes lanes = reader.Split();
        one.WriteNumbers(1, 2);
        two.WriteNumbers(11, 12);
        PipeReader first = lanes[0].AsPipeReader();
        PipeReader second = lanes[1].AsPipeReader();
        ReadResult ofFirst = first.Now();
        ReadResult ofSecond = second.Now();
        Assert.Equal([1, 2], lanes[0].Numbers(ofFirst.Buffer));
        Assert.Equal([11, 12], lanes[1].Numbers(ofSecond.Buffer));

        // Nothing that one of them holds back concerns the other.
        second.AdvanceTo(ofSecond.Buffer.End);
        first.AdvanceTo(ofFirst.Buffer.Start);
        Assert.Equal(0, lanes[1].AvailableBytes);
        Assert.NotEqual(0, lanes[0].AvailableBytes);
    }

    [Fact]
    public void A_flush_of_the_reader_is_reported_by_each_lane_once()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        using RingLanes lanes = reader.Split();
        one.WriteNumbers(1, 1);
        reader.Flush();
        Assert.Equal(ReadStatus.Records, lanes[0].StatusOf());
        Assert.Equal(ReadStatus.Flushed, lanes[0].StatusOf());
        Assert.Equal(ReadStatus.Flushed, lanes[1].StatusOf());
        Assert.Equal(ReadStatus.TimedOut, lanes[0].StatusOf(TimeSpan.Zero));
        lanes.Dispose();
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_flush_after_the_lanes_is_the_reader_s()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        reader.Split().Dispose();
        reader.Flush();
        Assert.Equal(ReadStatus.Flushed, reader.StatusOf());
    }

    [Fact]
    public void Disposing_the_reader_ends_the_waits_of_its_lanes()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        FakeReader reader = new(Piped.OnlyAnnounced, one, two);
        RingLanes lanes = reader.Split();
        ReadStatus[] statuses = new ReadStatus[2];
        OtherThread[] consumers =
        [
            new(() => statuses[0] = lanes[0].StatusOf()),
            new(() => statuses[1] = lanes[1].StatusOf()),
        ];
        foreach (OtherThread consumer in consumers)
            consumer.UntilItSleeps();

        reader.Dispose();
        foreach (OtherThread consumer in consumers)
            consumer.Join();

        Assert.Equal([ReadStatus.Completed, ReadStatus.Completed], statuses);
        Assert.Equal((1, true), (reader.Closes, one.IsUnmapped));
    }

    [Fact]
    public void Memory_stays_while_a_lane_s_batch_is_out()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        RingLanes lanes = reader.Split();
        ring.WriteNumbers(1, 1);
        RecordBatch batch = lanes[0].Read();
        reader.Dispose();
        Assert.False(ring.IsUnmapped);
        batch.Dispose();
        Assert.Equal((1, true), (reader.Closes, ring.IsUnmapped));
    }

    [Fact]
    public void A_lane_that_is_disposed_while_its_batch_is_out_keeps_the_reader_split()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        RingLanes lanes = reader.Split();
        ring.WriteNumbers(1, 1);
        RecordBatch batch = lanes[0].Read();
        lanes.Dispose();
        Assert.Throws<InvalidOperationException>(() => reader.StatusOf(TimeSpan.Zero));
        batch.Dispose();
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Splitting_while_a_batch_is_out_throws()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 1);
        using RecordBatch batch = reader.Read();
        Assert.Throws<InvalidOperationException>(() => reader.Split());
    }

    [Fact]
    public void A_lane_that_can_not_be_made_leaves_the_reader_whole()
    {
        using FakePerfRing one = new();
        using FakePerfRing two = new(cpu: 1);
        using FakeReader reader = new(one, two);
        Assert.Throws<InvalidDataException>(() => reader.Split(
            ring => ring == 0 ? new LaneWaiter(new EpollWaiter()) : throw new InvalidDataException()));
        one.WriteNumbers(1, 1);
        Assert.Equal([1], Shown.Numbers(reader));
        reader.Split().Dispose();
    }

    [Fact]
    public void Splitting_and_disposing_may_race()
    {
        for (int i = 0; i < 300; i++)
        {
            using FakePerfRing ring = new();
            FakeReader reader = new(ring);
            using Barrier start = new(2);
            OtherThread disposer = new(() =>
            {
                start.SignalAndWait();
                reader.Dispose();
            });
            start.SignalAndWait();
            try
            {
                RingLanes lanes = reader.Split();
                Assert.Equal(ReadStatus.Completed, StatusOrEnd(lanes[0]));
            }
            catch (ObjectDisposedException)
            {
                // Dispose came first.
            }

            disposer.Join();
            Assert.Equal((1, true), (reader.Closes, ring.IsUnmapped));
        }
    }

    [Fact]
    public void The_ledger_of_a_lane_is_that_of_its_ring()
    {
        using FakePerfRing one = new(cpu: 3);
        using FakePerfRing two = new(cpu: 7);
        using FakeReader reader = new(one, two);
        using RingLanes lanes = reader.Split();
        Assert.Equal([7], lanes[1].ReadLosses().Cpus.Select(static losses => losses.Cpu));
    }

    private static ReadStatus StatusOrEnd(RingLane lane)
    {
        try
        {
            return lane.StatusOf();
        }
        catch (ObjectDisposedException)
        {
            return ReadStatus.Completed;
        }
    }
}
