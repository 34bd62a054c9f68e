using System.Buffers;
using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Pipes;

/// <summary>A pipe that holds so much unexamined that its next result needs no look at the rings.</summary>
public sealed class StockedPipeTests
{
    private const int Plenty = 600;

    [Fact]
    public void Records_read_one_at_a_time_are_each_given_back_at_once()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.WriteNumbers(1, Plenty);
        for (int i = 1; i <= Plenty; i++)
        {
            ReadResult result = pipe.Now();
            Assert.Equal(i, reader.Numbers(result.Buffer)[0]);
            Assert.Equal(Plenty + 1 - i, reader.Numbers(result.Buffer).Count);
            pipe.AdvanceTo(reader.After(result.Buffer, 1));
            Assert.Equal(16ul * (ulong)i, ring.Tail);
        }
    }

    [Theory]
    [InlineData(PipeFraming.Records)]
    [InlineData(PipeFraming.Payloads)]
    public void Records_of_two_perf_rings_read_one_at_a_time_come_in_the_order_of_their_rings(PipeFraming framing)
    {
        using FakePerfRing one = new(SampleFields.Cpu | SampleFields.Raw, pages: 8);
        using FakePerfRing two = new(SampleFields.Cpu | SampleFields.Raw, pages: 8, cpu: 1);
        using FakeReader reader = new(Piped.OnlyAnnounced, one, two);
        PipeReader pipe = reader.AsPipeReader(framing);
        one.WriteNumbers(1, Plenty);
        two.WriteNumbers(Plenty + 1, 2 * Plenty);
        for (int i = 1; i <= 2 * Plenty; i++)
        {
            ReadOnlySequence<byte> bytes = pipe.Now().Buffer;
            Assert.Equal(i, framing == PipeFraming.Records ? reader.Numbers(bytes)[0] : BitConverter.ToInt64(bytes.FirstSpan));
            pipe.AdvanceTo(framing == PipeFraming.Records
                ? reader.After(bytes, 1)
                : bytes.GetPosition(bytes.FirstSpan.Length));
        }

        Assert.Equal((one.Head, two.Head), (one.Tail, two.Tail));
    }

    [Fact]
    public void Who_consumes_nothing_is_shown_what_has_come()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        ring.Write(Plenty + 1);
        pipe.AdvanceTo(result.Buffer.Start);
        Assert.Equal(Plenty + 1, reader.Numbers(pipe.Now().Buffer)[^1]);
    }

    [Fact]
    public void Who_examines_everything_is_shown_what_has_come()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        ring.Write(Plenty + 1);
        pipe.AdvanceTo(reader.After(result.Buffer, 1), result.Buffer.End);
        Assert.Equal(Plenty + 1, reader.Numbers(pipe.Now().Buffer)[^1]);
    }

    [Fact]
    public void A_cancellation_is_not_put_off()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        pipe.CancelPendingRead();
        Assert.True(pipe.Now().IsCanceled);
        Assert.False(pipe.Now().IsCanceled);
    }

    [Fact]
    public void A_flush_is_not_put_off_and_comes_with_everything()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        ring.Write(Plenty + 1);
        reader.Flush();
        result = pipe.Now();
        Assert.True(result.IsCanceled);
        Assert.Equal(Plenty + 1, reader.Numbers(result.Buffer)[^1]);
    }

    [Fact]
    public void The_end_of_the_reader_is_not_put_off()
    {
        using FakeFramedRing ring = new(pages: 4);
        FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        reader.Dispose();
        result = pipe.Now();
        Assert.True(result.IsCompleted);
        Assert.True(result.Buffer.IsEmpty);
    }

    [Fact]
    public void What_was_read_in_another_way_meanwhile_does_not_come_again()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        Assert.Equal(Plenty - 1, Shown.Numbers(reader).Count);
        ring.Write(Plenty + 1);
        Assert.Equal([Plenty + 1], reader.Numbers(pipe.Now().Buffer));
    }

    [Fact]
    public void A_canceled_token_still_throws()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        Assert.True(pipe.ReadAsync(new CancellationToken(canceled: true)).AsTask().IsCanceled);
        Assert.Equal(3, reader.Numbers(pipe.Now().Buffer)[0]);
    }

    [Fact]
    public void Reading_while_the_result_or_a_batch_is_out_throws()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        Assert.Throws<InvalidOperationException>(() => pipe.Now());
        Assert.Throws<InvalidOperationException>(() => reader.StatusOf());
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Assert.Throws<InvalidOperationException>(() => pipe.Now());
        Assert.Throws<InvalidOperationException>(() => pipe.TryRead(out _));
    }

    [Fact]
    public void A_completed_pipe_still_throws()
    {
        using FakeFramedRing ring = new(pages: 4);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = Stock(ring, reader, pipe);
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        pipe.Complete();
        Assert.Throws<InvalidOperationException>(() => pipe.Now());
        Assert.Throws<InvalidOperationException>(() => pipe.TryRead(out _));
    }

    /// <summary>Plenty of numbers from 1 on, of which the first is consumed; the result that holds the rest is out.</summary>
    private static ReadResult Stock(FakeFramedRing ring, FakeReader reader, PipeReader pipe)
    {
        ring.WriteNumbers(1, Plenty);
        ReadResult result = pipe.Now();
        pipe.AdvanceTo(reader.After(result.Buffer, 1));

        // Of this one the ring was not asked.
        ring.Write(0);
        Assert.True(pipe.TryRead(out result));
        Assert.Equal(Plenty, reader.Numbers(result.Buffer)[^1]);
        Assert.Equal(2, reader.Numbers(result.Buffer)[0]);
        return result;
    }
}
