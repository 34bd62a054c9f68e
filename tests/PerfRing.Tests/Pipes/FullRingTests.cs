using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Pipes;

/// <summary>A ring full of what was examined and not consumed: its producer can announce nothing, and a read would never
/// return.</summary>
public sealed class FullRingTests
{
    [Fact]
    public void A_framed_ring_full_of_records_of_any_size_throws()
    {
        for (int payload = 8; payload <= 72; payload += 4)
        {
            using FakeFramedRing ring = new(start: (ulong)payload * 40);
            using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
            AssertTrapped(reader, () => ring.Write(1, payload));
        }
    }

    [Fact]
    public void A_perf_ring_full_of_records_of_any_size_throws()
    {
        for (int payload = 8; payload <= 72; payload += 4)
        {
            using FakePerfRing ring = new(start: (ulong)payload * 40);
            using FakeReader reader = new(Piped.OnlyAnnounced, ring);
            AssertTrapped(reader, () => ring.Write(payload));
        }
    }

    [Theory]
    [InlineData(SharedRingProducers.One)]
    [InlineData(SharedRingProducers.Many)]
    public void A_shared_ring_full_of_records_of_any_size_throws(SharedRingProducers producers)
    {
        for (int payload = 8; payload <= 72; payload += 4)
        {
            using SharedRing ring = SharedRing.CreateAnonymous(
                new() { Capacity = Environment.SystemPageSize, Producers = producers });
            using SharedRingWriter writer = ring.OpenWriter();
            using SharedRingReader reader = SharedRingReader.Open(ring, new SharedRingReaderOptions());
            byte[] bytes = new byte[payload];
            AssertTrapped(reader, () => writer.TryWrite(bytes));
        }
    }

    [Fact]
    public async Task A_shared_ring_with_room_for_exactly_one_more_is_not_full()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(
            new() { Capacity = Environment.SystemPageSize, Producers = SharedRingProducers.One });
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring, new SharedRingReaderOptions());
        PipeReader pipe = reader.AsPipeReader();
        byte[] bytes = new byte[24];
        for (int i = 0; i < (Environment.SystemPageSize / 32) - 1; i++)
            Assert.True(writer.TryWrite(bytes));

        pipe.Keep(pipe.Now());
        Task<ReadResult> read = pipe.Later();
        Assert.True(writer.TryWrite(bytes));
        ReadResult result = await read.WaitAsync(Piped.Patience);
        Assert.Equal(Environment.SystemPageSize, result.Buffer.Length);
        pipe.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public void One_full_ring_of_two_throws()
    {
        using FakeFramedRing empty = new(cpu: 3);
        using FakeFramedRing full = new(cpu: 7);
        using FakeReader reader = new(Piped.OnlyAnnounced, empty.Ring, full.Ring);
        Assert.True(empty.Write(1));
        Assert.Contains("CPU 7", AssertTrapped(reader, () => full.Write(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ring_of_which_half_was_consumed_is_not_full()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        while (ring.Write(1))
        {
        }

        ReadResult result = pipe.Now();
        pipe.AdvanceTo(reader.After(result.Buffer, 5), result.Buffer.End);
        Assert.False(pipe.TryRead(out _));
        Assert.True(ring.Write(2));
        Assert.True(pipe.TryRead(out _));
    }

    [Fact]
    public void More_than_the_rings_can_hold_can_not_be_waited_for()
    {
        using FakeFramedRing one = new(cpu: 0);
        using FakeFramedRing two = new(cpu: 1);
        using FakeReader reader = new(Piped.OnlyAnnounced, one.Ring, two.Ring);
        PipeReader pipe = reader.AsPipeReader();
        Assert.Throws<InvalidOperationException>(
            () => pipe.ReadAtLeastAsync((2 * Environment.SystemPageSize) + 1).AsTask().Wait());
        Assert.False(pipe.TryRead(out _));
    }

    private static string AssertTrapped(RingReader reader, Func<bool> tryWrite)
    {
        PipeReader pipe = reader.AsPipeReader();
        while (tryWrite())
        {
        }

        pipe.Keep(pipe.Now());
        Assert.Throws<InvalidOperationException>(() => pipe.TryRead(out _));
        string message = Assert.Throws<InvalidOperationException>(() => pipe.Now()).Message;

        // The way out: what was seen may be had once more, and consumed.
        pipe.CancelPendingRead();
        ReadResult result = pipe.Now();
        pipe.AdvanceTo(result.Buffer.End);
        Assert.False(pipe.TryRead(out _));
        Assert.True(tryWrite());
        pipe.AdvanceTo(pipe.Now().Buffer.End);
        return message;
    }
}
