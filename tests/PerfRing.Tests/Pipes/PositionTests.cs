using System.Buffers;
using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Pipes;

/// <summary>Which memory an advance gives back, and which positions are refused.</summary>
public sealed class PositionTests
{
    [Fact]
    public void Stale_positions_are_refused_although_segments_are_used_again()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        PipeReader pipe = reader.AsPipeReader();
        SequencePosition stale = default;
        for (int round = 0; round < 500; round++)
        {
            ring.WriteNumbers(round, round + 5);
            ReadResult result = pipe.Now();
            if (round > 0)
            {
                Assert.Throws<InvalidOperationException>(() => pipe.AdvanceTo(stale));
                Assert.Throws<InvalidOperationException>(() => pipe.AdvanceTo(stale, result.Buffer.End));
            }

            stale = reader.After(result.Buffer, 1);
            pipe.AdvanceTo(result.Buffer.End);
        }

        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void Consumed_must_not_go_back()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.WriteNumbers(1, 3);
        ReadResult result = pipe.Now();
        SequencePosition start = result.Buffer.Start;
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        result = pipe.Now();
        Assert.Throws<InvalidOperationException>(() => pipe.AdvanceTo(start, result.Buffer.End));
        pipe.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public void Foreign_positions_are_refused()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        using FakeFramedRing other = new();
        using FakeReader otherReader = new(Piped.OnlyAnnounced, other.Ring);
        ring.Write(1);
        other.Write(1);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = pipe.Now();
        SequencePosition foreign = otherReader.AsPipeReader().Now().Buffer.End;
        Assert.Throws<InvalidOperationException>(() => pipe.AdvanceTo(foreign));
        Assert.Throws<InvalidOperationException>(() => pipe.AdvanceTo(result.Buffer.Start, foreign));
        Assert.Throws<InvalidOperationException>(() => pipe.AdvanceTo(new ReadOnlySequence<byte>(new byte[8]).Start));
        Assert.Throws<InvalidOperationException>(() => pipe.AdvanceTo(ReadOnlySequence<byte>.Empty.Start));
        Assert.Throws<InvalidOperationException>(
            () => pipe.AdvanceTo(new SequencePosition(result.Buffer.End.GetObject(), result.Buffer.End.GetInteger() + 1)));
        Assert.Throws<InvalidOperationException>(
            () => pipe.AdvanceTo(new SequencePosition(result.Buffer.End.GetObject(), -1)));
        Assert.Equal(0ul, ring.Tail);
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void In_the_middle_of_a_record_only_whole_ones_are_given_back()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        ring.WriteNumbers(1, 4);
        AssertWholeRecords(reader, size: 16, () => ring.Tail);
    }

    [Fact]
    public void In_the_middle_of_a_perf_record_only_whole_ones_are_given_back()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        ring.WriteNumbers(1, 4);
        AssertWholeRecords(reader, size: 40, () => ring.Tail);
    }

    [Fact]
    public void An_unconsumed_slice_holds_back_those_behind_it_whatever_their_ring()
    {
        using FakeFramedRing a = new(cpu: 0);
        using FakeFramedRing b = new(cpu: 1);
        using FakeReader reader = new(Piped.OnlyAnnounced, a.Ring, b.Ring);
        PipeReader pipe = reader.AsPipeReader();
        a.Write(1);
        b.Write(2);
        pipe.Keep(pipe.Now());
        a.Write(3);
        ReadResult result = pipe.Now();
        Assert.Equal([1, 2, 3], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(reader.After(result.Buffer, 1), reader.After(result.Buffer, 2));
        Assert.Equal((16ul, 0ul), (a.Tail, b.Tail));

        result = pipe.Now();
        Assert.Equal([2, 3], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        Assert.Equal((16ul, 16ul), (a.Tail, b.Tail));

        b.Write(4);
        a.Write(5);
        result = pipe.Now();
        Assert.Equal([3, 5, 4], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal((48ul, 32ul), (a.Tail, b.Tail));
    }

    [Fact]
    public void The_sequence_ends_at_the_first_record_that_is_not_finished()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.Write(1);
        ulong busy = ring.Reserve(2)!.Value;
        ring.Write(3);
        ReadResult result = pipe.Now();
        Assert.Equal([1], reader.Numbers(result.Buffer));
        pipe.Keep(result);
        Assert.False(pipe.TryRead(out _));
        ring.Commit(busy);
        result = pipe.Now();
        Assert.Equal([1, 2, 3], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void Records_taken_back_or_orphaned_are_passed_over_and_given_back()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.Write(1);
        ring.Discard(ring.Reserve(2)!.Value);
        ring.Write(3);
        ring.Discard(ring.Reserve(4)!.Value);
        ReadResult result = pipe.Now();
        Assert.Equal([1, 3], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);

        ring.Discard(ring.Reserve(5)!.Value);
        result = pipe.Now();
        Assert.Empty(reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);

        ring.Orphans.Add(ring.Reserve(6)!.Value);
        ring.Write(7);
        result = pipe.Now();
        Assert.Equal([7], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void A_producer_that_goes_back_is_corruption()
    {
        using FakeFramedRing framed = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, framed.Ring);
        framed.WriteNumbers(1, 4);
        PipeReader pipe = reader.AsPipeReader();
        pipe.Keep(pipe.Now());
        framed.MoveProducer(16);
        Assert.Throws<RingCorruptedException>(() => pipe.TryRead(out _));

        using FakePerfRing perf = new();
        using FakeReader perfReader = new(Piped.OnlyAnnounced, perf);
        perf.WriteNumbers(1, 4);
        PipeReader perfPipe = perfReader.AsPipeReader();
        perfPipe.Keep(perfPipe.Now());
        perf.MoveHead(40);
        Assert.Throws<RingCorruptedException>(() => perfPipe.TryRead(out _));
    }

    private static void AssertWholeRecords(RingReader reader, int size, Func<ulong> tail)
    {
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = pipe.Now();
        Assert.Equal(4 * size, result.Buffer.Length);
        pipe.AdvanceTo(result.Buffer.GetPosition(size + 5));
        Assert.Equal((ulong)size, tail());
        result = pipe.Now();
        Assert.Equal((3 * size) - 5, result.Buffer.Length);
        pipe.AdvanceTo(result.Buffer.GetPosition(size - 6));
        Assert.Equal((ulong)size, tail());
        result = pipe.Now();
        pipe.AdvanceTo(result.Buffer.GetPosition(1));
        Assert.Equal((ulong)(2 * size), tail());
        result = pipe.Now();
        Assert.Equal([3, 4], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal((ulong)(4 * size), tail());
    }
}
