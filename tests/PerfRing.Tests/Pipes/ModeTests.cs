using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Pipes;

/// <summary>The pipe and the other ways to read the same reader.</summary>
public sealed class ModeTests
{
    [Fact]
    public void Disposing_the_reader_leaves_the_memory_of_a_result()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(Piped.OnlyAnnounced, ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.WriteNumbers(1, 3);
        ReadResult result = pipe.Now();
        reader.Dispose();
        Assert.False(ring.IsUnmapped);
        Assert.Equal([1, 2, 3], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(reader.After(result.Buffer, 1), result.Buffer.End);
        Assert.True(ring.IsUnmapped);
        Assert.Equal(1, reader.Closes);
        Assert.Throws<ObjectDisposedException>(() => result.Buffer.FirstSpan.Length);
        result = pipe.Now();
        Assert.True(result.IsCompleted);
        Assert.True(result.Buffer.IsEmpty);
        pipe.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task A_read_that_disposing_ends_brings_what_is_there()
    {
        for (int i = 0; i < 200; i++)
        {
            using FakePerfRing ring = new();
            FakeReader reader = new(Piped.OnlyAnnounced, ring);
            PipeReader pipe = reader.AsPipeReader();
            Task<ReadResult> read = pipe.Later();
            ring.WriteNumbers(1, 3);
            reader.Dispose();
            ReadResult result = await read.WaitAsync(Piped.Patience);
            Assert.True(result.IsCompleted);
            Assert.Equal([1, 2, 3], reader.Numbers(result.Buffer));
            pipe.AdvanceTo(result.Buffer.End);
            Assert.True(ring.IsUnmapped);
        }
    }

    [Fact]
    public async Task Completing_a_pipe_whose_read_waits_gives_the_reader_back()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.Write(1);
        pipe.Keep(pipe.Now());
        Task<ReadResult> read = pipe.Later();
        await pipe.CompleteAsync();
        Assert.True((await read.WaitAsync(Piped.Patience)).IsCanceled);
        Assert.Equal([1], Shown.Numbers(reader));
    }

    [Fact]
    public void Completing_a_pipe_with_a_result_out_gives_the_reader_back()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.Write(1);
        pipe.Now();
        pipe.Complete();
        Assert.Equal([1], Shown.Numbers(reader));
    }

    [Fact]
    public void A_read_in_between_makes_the_pipe_begin_anew()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.WriteNumbers(1, 4);
        ReadResult result = pipe.Now();
        pipe.AdvanceTo(reader.After(result.Buffer, 1), result.Buffer.End);
        Assert.Equal([2], Shown.Numbers(reader, ReadBudget.OfRecords(1)));

        // Examined or not: who begins anew has seen nothing.
        result = pipe.Now();
        Assert.Equal([3, 4], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(reader.After(result.Buffer, 1));
        Assert.Equal([4], Shown.Numbers(reader));
        Assert.False(pipe.TryRead(out _));
        ring.Write(5);
        result = pipe.Now();
        Assert.Equal([5], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public async Task A_wait_in_between_that_passes_over_records_makes_the_pipe_begin_anew()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.Discard(ring.Reserve(0, length: 1000)!.Value);
        ring.Write(1);
        pipe.Keep(pipe.Now());
        Assert.True(await reader.WaitAsync());
        Assert.NotEqual(0ul, ring.Tail);
        ReadResult result = pipe.Now();
        Assert.Equal(16, result.Buffer.Length);
        Assert.Equal([1], reader.Numbers(result.Buffer));
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Fact]
    public void With_a_batch_out_the_pipe_can_not_be_read()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        ring.Write(1);
        using (reader.Read())
        {
            Assert.Throws<InvalidOperationException>(() => pipe.Now());
            Assert.Throws<InvalidOperationException>(() => pipe.TryRead(out _));
        }

        Assert.False(pipe.TryRead(out _));
    }

    [Fact]
    public async Task With_a_read_of_the_pipe_under_way_or_its_result_out_nothing_else_may_read()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        Task<ReadResult> read = pipe.Later();
        AssertInUse(reader, pipe);
        ring.Write(1);
        reader.Nudge();
        ReadResult result = await read.WaitAsync(Piped.Patience);
        AssertInUse(reader, pipe);
        pipe.AdvanceTo(result.Buffer.End);
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public async Task A_flush_completes_one_read_as_canceled_with_everything_written_before()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        for (int i = 0; i < 200; i++)
        {
            Task<ReadResult> read = pipe.Later();
            ring.Write(i);
            reader.Flush();
            ReadResult result = await read.WaitAsync(Piped.Patience);
            Assert.True(result.IsCanceled);
            Assert.Equal([i], reader.Numbers(result.Buffer));
            pipe.AdvanceTo(result.Buffer.End);
            Assert.False(pipe.TryRead(out _));
        }

        ring.Write(1);
        reader.Flush();
        Assert.True(pipe.TryRead(out ReadResult next));
        Assert.True(next.IsCanceled);
        pipe.AdvanceTo(next.Buffer.Start);
        Assert.False(pipe.Now().IsCanceled);
    }

    [Fact]
    public async Task A_flush_and_dispose_reach_a_read_of_a_ring_that_announces_nothing()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = Environment.SystemPageSize });
        SharedRingReader reader = SharedRingReader.Open(ring, new SharedRingReaderOptions { Wakeup = Piped.OnlyAnnounced });
        PipeReader pipe = reader.AsPipeReader();
        for (int i = 0; i < 2_000; i++)
        {
            Task<ReadResult> read = pipe.Later();
            Thread.SpinWait(i % 200);
            reader.Flush();
            ReadResult result = await read.WaitAsync(Piped.Patience);
            Assert.True(result.IsCanceled);
            pipe.AdvanceTo(result.Buffer.End);
        }

        Task<ReadResult> last = pipe.Later();
        reader.Dispose();
        Assert.True((await last.WaitAsync(Piped.Patience)).IsCompleted);
    }

    [Fact]
    public async Task Reads_that_race_the_end_of_their_poller_all_end()
    {
        for (int i = 0; i < 200; i++)
        {
            using FakeFramedRing ring = new();
            using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
            PipeReader pipe = reader.AsPipeReader();
            RingPoller poller = new();
            reader.Poller = poller;
            Task<ReadResult> first = pipe.Later();
            reader.Flush();
            pipe.AdvanceTo((await first.WaitAsync(Piped.Patience)).Buffer.End);
            Task disposing = Task.Run(poller.Dispose);
            Thread.SpinWait(i * 20);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => pipe.ReadAsync().AsTask().WaitAsync(Piped.Patience));
            await disposing.WaitAsync(Piped.Patience);
            reader.Poller = RingPoller.Shared;
            ring.Write(i);
            pipe.AdvanceTo(pipe.Now().Buffer.End);
        }
    }

    [Fact]
    public async Task The_reader_and_its_pipe_wait_in_turns_on_one_poller_and_on_others()
    {
        using FakeFramedRing ring = new();
        using RingPoller poller = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        for (int i = 0; i < 40; i++)
        {
            reader.Poller = i % 7 < 3 ? poller : RingPoller.Shared;
            Task<bool> wait = i % 3 == 0 ? reader.WaitAsync().AsTask() : Task.FromResult(true);
            if (i % 3 == 0)
            {
                Assert.False(wait.IsCompleted);
                ring.Write(i);
                reader.Nudge();
                Assert.True(await wait.WaitAsync(Piped.Patience));
                Assert.Equal([i], Shown.Numbers(reader));
            }

            if (i % 5 < 3)
            {
                Task<ReadResult> read = pipe.Later();
                ring.Write(i);
                reader.Nudge();
                ReadResult result = await read.WaitAsync(Piped.Patience);
                Assert.Equal([i], reader.Numbers(result.Buffer));
                pipe.AdvanceTo(result.Buffer.End);
            }
        }
    }

    [Fact]
    public void What_has_no_stable_memory_or_tells_no_CPU_has_no_pipe()
    {
        using FakeFramedRing framed = new();
        using FakeReader following = new(Piped.OnlyAnnounced, framed.Follow());
        Assert.Throws<NotSupportedException>(() => following.AsPipeReader());
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1);
        FakeReader perf = new(one, two);
        Assert.Throws<InvalidOperationException>(() => perf.AsPipeReader());
        perf.Dispose();
        Assert.Throws<ObjectDisposedException>(() => perf.AsPipeReader());
    }

    private static void AssertInUse(RingReader reader, PipeReader pipe)
    {
        Assert.Throws<InvalidOperationException>(() => reader.Read(TimeSpan.Zero).Dispose());
        Assert.ThrowsAny<Exception>(() => reader.WaitAsync().AsTask().Wait());
        Assert.Throws<InvalidOperationException>(() => pipe.Now());
        Assert.Throws<InvalidOperationException>(() => pipe.TryRead(out _));
    }
}
