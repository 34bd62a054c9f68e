using System.IO.Pipes;
using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

/// <summary>A reader of a task's events is completed when the task has ended: its descriptor hangs up, as a pipe does whose
/// writer has gone.</summary>
public sealed class CompletionTests
{
    [Fact]
    public void When_everything_watched_hung_up_a_read_is_completed()
    {
        using WatchedTask task = new();
        using FakePerfRing ring = new();
        using FakeReader reader = task.Reader(ring);
        task.End();
        Assert.Equal(ReadStatus.Completed, reader.StatusOf());
    }

    [Fact]
    public void A_read_that_waits_is_completed_by_the_hang_up()
    {
        using WatchedTask task = new();
        using FakePerfRing ring = new();
        using FakeReader reader = task.Reader(ring);
        ReadStatus status = default;
        OtherThread consumer = new(() => status = reader.StatusOf());
        consumer.UntilItSleeps();
        task.End();
        consumer.Join();
        Assert.Equal(ReadStatus.Completed, status);
    }

    [Fact]
    public void What_the_task_left_comes_first()
    {
        using WatchedTask task = new();
        using FakePerfRing ring = new();
        using FakeReader reader = task.Reader(ring);
        ring.WriteNumbers(1, 3);
        task.End();
        Assert.Equal([1, 2, 3], Shown.Numbers(reader));
    }

    [Fact]
    public void A_task_that_still_runs_keeps_the_reader_open()
    {
        using WatchedTask ended = new();
        using WatchedTask running = new();
        using FakePerfRing ring = new();
        using FakeReader reader = WatchedTask.Reader(ring, ended, running);
        ended.End();
        Assert.Equal(ReadStatus.TimedOut, reader.StatusOf(TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public void A_descriptor_that_hung_up_does_not_keep_the_reader_awake()
    {
        using WatchedTask ended = new();
        using WatchedTask running = new();
        using FakePerfRing ring = new();
        using FakeReader reader = WatchedTask.Reader(ring, ended, running);
        ended.End();
        reader.StatusOf(TimeSpan.FromMilliseconds(1));
        long before = reader.Wakeups;
        reader.StatusOf(TimeSpan.FromMilliseconds(20));
        Assert.Equal(before, reader.Wakeups);
    }

    [Fact]
    public void Completed_is_reported_at_every_read()
    {
        using WatchedTask task = new();
        using FakePerfRing ring = new();
        using FakeReader reader = task.Reader(ring);
        task.End();
        reader.StatusOf();
        Assert.Equal(ReadStatus.Completed, reader.StatusOf());
    }

    /// <summary>What an event of a task is to epoll: silent, then hung up for ever.</summary>
    private sealed class WatchedTask : IDisposable
    {
        private readonly AnonymousPipeServerStream _end = new(PipeDirection.Out);
        private readonly Descriptor _fd;

        internal WatchedTask() => _fd = Descriptor.Duplicate((int)_end.ClientSafePipeHandle.DangerousGetHandle());

        public void Dispose()
        {
            _end.Dispose();
            _fd.Dispose();
        }

        internal static FakeReader Reader(FakePerfRing ring, params WatchedTask[] tasks)
        {
            EpollWaiter waiter = new();
            foreach (WatchedTask task in tasks)
                waiter.Watch(task._fd);

            return new FakeReader(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan), waiter, ring);
        }

        internal FakeReader Reader(FakePerfRing ring) => Reader(ring, this);

        internal void End() => _end.Dispose();
    }
}
