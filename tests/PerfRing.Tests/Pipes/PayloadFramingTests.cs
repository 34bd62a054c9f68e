using System.Buffers;
using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Pipes;

/// <summary>What a pipe of payloads leaves out, and gives back all the same.</summary>
public sealed class PayloadFramingTests
{
    [Fact]
    public void A_record_that_was_taken_back_leaves_no_bytes_and_is_given_back_with_the_one_before()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Polled, ring.Ring);
        PipeReader pipe = reader.AsPipeReader(PipeFraming.Payloads);
        ring.Write(1);
        ring.Discard(ring.Reserve(2)!.Value);
        ring.Write(3);
        Assert.True(pipe.TryRead(out ReadResult result));
        Assert.Equal([1, 3], Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.GetPosition(8));
        Assert.Equal(32ul, ring.Tail);
    }

    [Fact]
    public void Records_without_bytes_are_given_back_although_there_is_nothing_to_read()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Polled, ring.Ring);
        PipeReader pipe = reader.AsPipeReader(PipeFraming.Payloads);
        for (int round = 0; round < 10; round++)
        {
            while (ring.Write(0, length: 0))
            {
                // Until the ring is full of them.
            }

            Assert.False(pipe.TryRead(out _));
            Assert.Equal(ring.Head, ring.Tail);
        }
    }

    [Fact]
    public void A_part_of_a_payload_gives_nothing_back()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Polled, ring.Ring);
        PipeReader pipe = reader.AsPipeReader(PipeFraming.Payloads);
        ring.WriteNumbers(1, 2);
        Assert.True(pipe.TryRead(out ReadResult result));
        pipe.AdvanceTo(result.Buffer.GetPosition(12), result.Buffer.End);
        Assert.Equal(16ul, ring.Tail);
        Assert.False(pipe.TryRead(out _));
        ring.Write(3);
        Assert.True(pipe.TryRead(out result));
        Assert.Equal(12, result.Buffer.Length);
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void Loss_notices_leave_no_bytes()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Polled, ring);
        PipeReader pipe = reader.AsPipeReader(PipeFraming.Payloads);
        ring.WriteLost(3);
        ring.Write(Numbered.Sample(1, 12));
        ring.WriteLost(4);
        Assert.True(pipe.TryRead(out ReadResult result));
        Assert.Equal(12, result.Buffer.Length);
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void What_can_be_no_record_is_passed_over_and_counted_as_a_gap()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Polled, ring);
        PipeReader pipe = reader.AsPipeReader(PipeFraming.Payloads);
        ring.Write(Numbered.Sample(1, 12));
        ring.WriteBytes(new byte[64]);
        Assert.True(pipe.TryRead(out ReadResult result));
        Assert.Equal(12, result.Buffer.Length);
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal((1ul, 64ul), (reader.Losses().Gaps, reader.Losses().SkippedBytes));
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void The_framing_is_chosen_once()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Polled, ring.Ring);
        PipeReader pipe = reader.AsPipeReader(PipeFraming.Payloads);
        Assert.Same(pipe, reader.AsPipeReader(PipeFraming.Payloads));
        Assert.Throws<InvalidOperationException>(() => reader.AsPipeReader());
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.AsPipeReader((PipeFraming)7));
    }

    private static List<long> Numbers(in ReadOnlySequence<byte> bytes)
    {
        byte[] array = bytes.ToArray();
        return [.. Enumerable.Range(0, array.Length / 8).Select(i => BitConverter.ToInt64(array, i * 8))];
    }
}
