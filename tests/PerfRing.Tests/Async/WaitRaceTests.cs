using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Async;

/// <summary>What may happen to a wait at the same time, or in an order that nobody thinks of.</summary>
public sealed class WaitRaceTests
{
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wait_that_begins_while_its_poller_is_disposed_ends(bool isPinned)
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        RingPollerOptions options = new() { Cpus = isPinned ? CpuSet.Of(CpuAffinity.Current.First) : null };
        for (int i = 0; i < 1_000; i++)
        {
            RingPoller poller = new(options);
            reader.Poller = poller;
            await Canceled(reader);
            Task disposing = Task.Run(poller.Dispose);
            Thread.SpinWait(i);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.WaitAsync().AsTask().WaitAsync(Patience));
            await disposing;
        }
    }

    [Fact]
    public async Task A_wait_of_a_shared_ring_on_a_poller_that_was_disposed_ends()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using SharedRingReader reader = SharedRingReader.Open(ring);
        using RingPoller poller = new();
        reader.Poller = poller;
        await Canceled(reader);
        poller.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.WaitAsync().AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Records_of_a_shared_ring_are_found_by_the_clock_and_flush_and_dispose_at_once()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using SharedRingWriter writer = ring.OpenWriter();
        SharedRingReader reader = SharedRingReader.Open(
            ring, new SharedRingReaderOptions { Wakeup = Wakeup.Polled.Within(TimeSpan.FromMilliseconds(2)) });
        for (int i = 0; i < 100; i++)
        {
            Task<bool> wait = reader.WaitAsync().AsTask();
            Assert.True(writer.TryWrite([(byte)i]));
            Assert.True(await wait.WaitAsync(Patience));
            reader.Read(TimeSpan.Zero).Dispose();
        }

        reader.Dispose();
        for (int i = 0; i < 300; i++)
        {
            // With a delay of an hour only the interruption itself can end the wait.
            using SharedRingReader sleepy = SharedRingReader.Open(
                ring, new SharedRingReaderOptions { Wakeup = Wakeup.Polled.Within(TimeSpan.FromHours(1)) });
            Task<bool> wait = sleepy.WaitAsync().AsTask();
            Thread.SpinWait(i * 10);
            sleepy.Flush();
            Assert.True(await wait.WaitAsync(Patience));
            Assert.Equal(ReadStatus.Flushed, sleepy.StatusOf(TimeSpan.Zero));
            wait = sleepy.WaitAsync().AsTask();
            sleepy.Dispose();
            Assert.False(await wait.WaitAsync(Patience));
        }
    }

    [Fact]
    public async Task Waits_by_the_clock_that_come_and_go_do_not_make_the_poller_oversleep()
    {
        using RingPoller poller = new();
        using SharedRing one = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using SharedRing two = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using SharedRingReader sooner = Open(one, 200);
        using SharedRingReader later = Open(two, 300);
        using SharedRingWriter writer = two.OpenWriter();
        using CancellationTokenSource over = new();
        Task coming = Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
                await Canceled(sooner);
        });
        for (int i = 0; i < 3_000; i++)
        {
            Task<bool> wait = later.WaitAsync().AsTask();
            Assert.True(writer.TryWrite([1]));
            Assert.True(await wait.WaitAsync(Patience));
            later.Read(TimeSpan.Zero).Dispose();
        }

        over.Cancel();
        await coming.WaitAsync(Patience);

        SharedRingReader Open(SharedRing ring, int microseconds)
        {
            SharedRingReader reader = SharedRingReader.Open(
                ring, new SharedRingReaderOptions { Wakeup = Wakeup.Polled.Within(TimeSpan.FromMicroseconds(microseconds)) });
            reader.Poller = poller;
            return reader;
        }
    }

    [Fact]
    public async Task A_flush_ends_in_front_of_a_record_that_is_never_finished()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        Task<bool> wait = reader.WaitAsync().AsTask();
        Assert.NotNull(ring.Reserve(1));
        reader.Flush();
        Assert.True(await wait.WaitAsync(Patience));
        Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public async Task The_end_of_an_unfinished_record_is_found_though_nobody_announces_it()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        Task<bool> wait = reader.WaitAsync().AsTask();
        ulong position = ring.Reserve(1)!.Value;
        reader.Nudge();
        Wait.Until(() => ring.Ring.IsHeldUp, "the poller to see the record");
        ring.Commit(position);
        Assert.True(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task WaitAsync_a_blocking_read_and_the_pipe_take_turns()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        PipeReader pipe = reader.AsPipeReader();
        using RingPoller other = new();
        for (int i = 0; i < 200; i++)
        {
            await Canceled(reader);
            Task<ReadResult> read = pipe.ReadAsync().AsTask();
            ring.Write(i);
            reader.Nudge();
            ReadResult result = await read.WaitAsync(Patience);
            pipe.AdvanceTo(result.Buffer.End);

            reader.Poller = i % 2 == 0 ? other : RingPoller.Shared;
            Task<bool> wait = reader.WaitAsync().AsTask();
            ring.Write(i);
            reader.Nudge();
            Assert.True(await wait.WaitAsync(Patience));
            Assert.Equal([i], Shown.Numbers(reader));

            await Canceled(reader);
            Task<ReadStatus> blocking = Task.Run(() => reader.StatusOf(Patience));
            ring.Write(i);
            reader.Nudge();
            Assert.Equal(ReadStatus.Records, await blocking.WaitAsync(Patience));
        }
    }

    [Fact]
    public async Task A_poller_that_could_not_start_leaves_the_reader_as_it_was()
    {
        using FakeFramedRing ring = new();
        using RingPoller nowhere = new(new RingPollerOptions { Cpus = CpuSet.Of(CpuSet.HighestId) });
        using FakeReader reader = new(Never, ring.Ring) { Poller = nowhere };
        for (int i = 0; i < 3; i++)
            Assert.Throws<SystemCallException>(() => reader.WaitAsync().AsTask().Wait());

        reader.Poller = RingPoller.Shared;
        Task<bool> wait = reader.WaitAsync().AsTask();
        ring.Write(1);
        reader.Nudge();
        Assert.True(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_wait_whose_result_nobody_takes_does_not_end_the_next_one()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        for (int i = 0; i < 100; i++)
        {
            ValueTask<bool> forgotten = reader.WaitAsync();
            reader.Flush();
            Wait.Until(() => forgotten.IsCompleted, "the wait to end");
            Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
            Task<bool> next = reader.WaitAsync().AsTask();
            Assert.True(await forgotten);
            Assert.False(next.IsCompleted);
            reader.Flush();
            Assert.True(await next.WaitAsync(Patience));
            Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
        }
    }

    [Fact]
    public async Task Records_tokens_flushes_and_dispose_race_waits_and_nothing_stays_open()
    {
        const int rounds = 3_000;
        await Round(0);
        ProcessResources before = ProcessResources.Now();
        for (int i = 1; i <= rounds; i++)
            await Round(i);

        Assert.InRange(ProcessResources.Now().Descriptors, 0, before.Descriptors + 200);

        static async Task Round(int i)
        {
            using FakeFramedRing ring = new();
            FakeReader reader = new(Never, ring.Ring);
            using CancellationTokenSource source = new();
            Task<bool> wait = reader.WaitAsync(source.Token).AsTask();
            Task disturbing = Task.Run(() =>
            {
                switch (i % 3)
                {
                    case 0:
                        source.Cancel();
                        break;
                    case 1:
                        reader.Nudge();
                        break;
                    default:
                        reader.Flush();
                        break;
                }
            });
            Thread.SpinWait(i % 500);
            if (i % 3 == 2)
                await disturbing;

            reader.Dispose();
            try
            {
                await wait.WaitAsync(Patience);
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(0, i % 3);
            }

            await disturbing;
            Wait.Until(() => reader.Closes == 1, "the reader to be closed");
        }
    }

    private static async Task Canceled(RingReader reader)
    {
        using CancellationTokenSource source = new();
        Task<bool> wait = reader.WaitAsync(source.Token).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Patience));
    }
}
