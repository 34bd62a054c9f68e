using System.Runtime.CompilerServices;
using PerfRing.Testing;

namespace PerfRing.Tests.Async;

public sealed class WaitAsyncTests
{
    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task With_records_it_completes_at_once()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        ring.Write(1);
        ValueTask<bool> wait = reader.WaitAsync();
        Assert.True(wait.IsCompleted);
        Assert.True(await wait);
        Assert.Equal([1], Shown.Numbers(reader));
    }

    [Fact]
    public async Task It_waits_for_records()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        for (int i = 0; i < 1_000; i++)
        {
            Task<bool> wait = reader.WaitAsync().AsTask();
            Thread.SpinWait(i % 300);
            ring.Write(i);
            reader.Nudge();
            Assert.True(await wait.WaitAsync(Patience));
            Assert.Equal([i], Shown.Numbers(reader));
        }
    }

    [Fact]
    public async Task Without_an_announcement_the_longest_delay_finds_records()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)), ring.Ring);
        for (int i = 0; i < 20; i++)
        {
            Task<bool> wait = reader.WaitAsync().AsTask();
            ring.Write(i);
            Assert.True(await wait.WaitAsync(Patience));
            Assert.Equal([i], Shown.Numbers(reader));
        }
    }

    [Fact]
    public async Task While_it_waits_the_reader_is_in_use()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        Task<bool> wait = reader.WaitAsync().AsTask();
        Assert.Throws<InvalidOperationException>(() => reader.Read(TimeSpan.Zero).Dispose());
        Assert.Throws<InvalidOperationException>(() => reader.WaitAsync().AsTask().Wait());
        reader.Flush();
        Assert.True(await wait.WaitAsync(Patience));
        Assert.Equal(ReadStatus.Flushed, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void A_batch_that_is_out_is_in_the_way()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        ring.Write(1);
        using RecordBatch batch = reader.Read();
        Assert.Throws<InvalidOperationException>(() => reader.WaitAsync().AsTask().Wait());
    }

    [Fact]
    public async Task Dispose_ends_it_with_false()
    {
        for (int i = 0; i < 300; i++)
        {
            using FakeFramedRing ring = new();
            FakeReader reader = new(Never, ring.Ring);
            Task<bool> wait = reader.WaitAsync().AsTask();
            Thread.SpinWait(i * 10);
            reader.Dispose();
            Assert.False(await wait.WaitAsync(Patience));
            Assert.Throws<ObjectDisposedException>(() => reader.WaitAsync().AsTask().Wait());
            Wait.Until(() => reader.Closes == 1, "the reader to be closed");
        }
    }

    [Fact]
    public async Task A_canceled_token_ends_it_and_not_a_later_one()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        for (int i = 0; i < 300; i++)
        {
            using CancellationTokenSource source = new();
            Task<bool> wait = reader.WaitAsync(source.Token).AsTask();
            source.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Patience));
            Task<bool> next = reader.WaitAsync().AsTask();
            ring.Write(i);
            reader.Nudge();
            Assert.True(await next.WaitAsync(Patience));
            Assert.Equal([i], Shown.Numbers(reader));
        }
    }

    [Fact]
    public async Task A_token_that_races_a_record_ends_one_wait_only()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        int canceled = 0;
        for (int i = 0; i < 2_000; i++)
        {
            using CancellationTokenSource source = new();
            Task<bool> wait = reader.WaitAsync(source.Token).AsTask();
            Task canceling = Task.Run(source.Cancel);
            ring.Write(i);
            reader.Nudge();
            try
            {
                Assert.True(await wait.WaitAsync(Patience));
            }
            catch (OperationCanceledException)
            {
                canceled++;
            }

            await canceling;
            Assert.Equal([i], Shown.Numbers(reader));
        }

        Assert.InRange(canceled, 0, 2_000);
    }

    [Fact]
    public async Task Continuations_do_not_run_on_the_pollers_thread()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring);
        string? name = await NameAfter(reader, ring);
        Assert.NotEqual("PerfRing poller", name);
    }

    [Fact]
    public async Task Continuations_run_on_the_pollers_thread_where_that_was_asked_for()
    {
        using RingPoller poller = new(new RingPollerOptions { UnsafeRunContinuationsInline = true, ThreadName = "inline" });
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Never, ring.Ring) { Poller = poller };
        Assert.Equal("inline", await NameAfter(reader, ring));

        // Not on that thread: it can't wait for its own end.
        await Task.Yield();
    }

    [Fact]
    public async Task A_poller_that_is_disposed_ends_the_waits()
    {
        using FakeFramedRing ring = new();
        using RingPoller poller = new();
        using FakeReader reader = new(Never, ring.Ring) { Poller = poller };
        Task<bool> wait = reader.WaitAsync().AsTask();
        poller.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait.WaitAsync(Patience));
        ring.Write(1);
        Assert.Equal([1], Shown.Numbers(reader));
    }

    [Fact]
    public void A_poller_on_a_CPU_that_is_not_there_says_so()
    {
        using FakeFramedRing ring = new();
        using RingPoller poller = new(new RingPollerOptions { Cpus = CpuSet.Of(CpuSet.HighestId) });
        using FakeReader reader = new(Never, ring.Ring) { Poller = poller };
        Assert.Equal("sched_setaffinity", Assert.Throws<SystemCallException>(() => reader.WaitAsync().AsTask().Wait()).Call);
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public async Task Many_readers_share_one_thread()
    {
        FakeFramedRing[] rings = [.. Enumerable.Range(0, 50).Select(static _ => new FakeFramedRing())];
        FakeReader[] readers = [.. rings.Select(static ring => new FakeReader(Never, ring.Ring))];
        Task<bool>[] waits = [.. readers.Select(static reader => reader.WaitAsync().AsTask())];
        for (int i = 0; i < rings.Length; i++)
        {
            rings[i].Write(i);
            readers[i].Nudge();
        }

        await Task.WhenAll(waits).WaitAsync(Patience);
        for (int i = 0; i < rings.Length; i++)
        {
            Assert.Equal([i], Shown.Numbers(readers[i]));
            readers[i].Dispose();
            rings[i].Dispose();
        }
    }

    private static async Task<string?> NameAfter(FakeReader reader, FakeFramedRing ring)
    {
        TaskCompletionSource<string?> name = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ValueTask<bool> task = reader.WaitAsync();
        ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter wait = task.ConfigureAwait(false).GetAwaiter();
        wait.UnsafeOnCompleted(() => name.SetResult(Thread.CurrentThread.Name));
        ring.Write(1);
        reader.Nudge();
        string? found = await name.Task.WaitAsync(Patience);
        Assert.True(wait.GetResult());
        return found;
    }
}
