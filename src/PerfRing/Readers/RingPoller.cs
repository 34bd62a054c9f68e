using System.Diagnostics;
using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>One thread that waits for many readers, so that awaiting one blocks no thread of the pool.</summary>
/// <remarks>
/// <para>Every reader uses <see cref="Shared"/> unless told otherwise (<see cref="RingReader.Poller"/>). The thread is started by
/// the first wait and sleeps in epoll_pwait2(2) for as long as nobody waits. Thread-safe.</para>
/// <para>A reader's own epoll set is an entry of the poller's. It is armed for one report at a time (EPOLLONESHOT), since looking
/// consumes the flag of a perf ring: one report, one sweep of the reader, and armed again if that found nothing. Rings
/// that announce nothing, and records below a threshold, are found by the longest delay of <see cref="Wakeup"/>.</para>
/// </remarks>
public sealed class RingPoller : IDisposable
{
    /// <summary>A time to look that has passed. No lower: the distance to it has to be a number.</summary>
    internal const long Now = 0;

    private const ulong Control = 0;
    private const long Awake = long.MinValue;

    private static readonly Lazy<RingPoller> TheShared = new(static () => new RingPoller());

    private readonly RingPollerOptions _options;
    private readonly Lock _gate = new();
    private readonly Descriptor _epoll;
    private readonly Descriptor _control;
    private PollTarget[] _targets = [];
    private Thread? _thread;
    private UnpinnedDispatcher? _dispatcher;
    private ulong _lastToken;
    private long _sleepsUntil = Awake;
    private volatile bool _disposed;

    /// <summary>Makes a poller of its own, for readers that should not share one.</summary>
    /// <param name="options">How; by default as <see cref="Shared"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="SystemCallException">There are too many open files.</exception>
    public RingPoller(RingPollerOptions? options = null)
    {
        ShimLibrary.Require();
        _options = options ?? new RingPollerOptions();
        _options.Validate();
        Errno.ThrowIfFailed(Shim.EpollCreate(out int epoll), "epoll_create1", EpollWaiter.DescriptorRemedy);
        _epoll = new Descriptor(epoll);
        try
        {
            Errno.ThrowIfFailed(Shim.EventFd(out int control), "eventfd", EpollWaiter.DescriptorRemedy);
            _control = new Descriptor(control);
            Errno.ThrowIfFailed(
                Shim.EpollAdd(_epoll, _control, Epoll.In, Control), "epoll_ctl(EPOLL_CTL_ADD)", "waking a poller");
        }
        catch
        {
            _control?.Dispose();
            _epoll.Dispose();
            throw;
        }
    }

    /// <summary>The poller of every reader that has no other. Never disposed.</summary>
    public static RingPoller Shared => TheShared.Value;

    internal bool RunsContinuationsInline => _options.UnsafeRunContinuationsInline;

    /// <summary>Ends the thread. Waits that are under way here end with an <see cref="ObjectDisposedException"/>, and the readers
    /// stay as they are. Idempotent; waits for the thread.</summary>
    /// <exception cref="InvalidOperationException">It is <see cref="Shared"/>.</exception>
    public void Dispose()
    {
        if (TheShared.IsValueCreated && ReferenceEquals(this, Shared))
            throw new InvalidOperationException("The shared poller serves the whole process and can't be disposed.");

        Thread? thread;
        lock (_gate)
        {
            if (_disposed)
                return;

            _disposed = true;
            thread = _thread;
            _ = PollCall.Signal(_control);
        }

        if (thread is not null && thread != Thread.CurrentThread)
            thread.Join();

        if (thread is null)
            Close();
    }

    /// <summary>Takes a target in, which is not looked at until it is armed.</summary>
    /// <exception cref="ObjectDisposedException">The poller is disposed.</exception>
    internal void Register(PollTarget target)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_thread is null)
                StartThread();

            target.Token = ++_lastToken;
            _targets = [.. _targets, target];
        }
    }

    /// <summary>Forgets a target. Its descriptor leaves the set, unless another target shares it.</summary>
    internal void Unregister(PollTarget target)
    {
        lock (_gate)
        {
            _targets = [.. _targets.Where(other => other != target)];
            if (!_disposed && target.Announcer is { IsClosed: false } announcer
                && !_targets.Any(other => other.Announcer == announcer))
                _ = Shim.EpollRemove(_epoll, announcer);
        }
    }

    /// <summary>From now on one report of the target's descriptor leads to a look. What came before may have been announced to
    /// nobody: a look must follow.</summary>
    /// <param name="target">Registered here.</param>
    /// <exception cref="ObjectDisposedException">The poller is disposed. Its thread, before it ends, comes to every target that
    /// waits; who begins to wait after that is told here.</exception>
    internal void Arm(PollTarget target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (target.Announcer is { } announcer)
        {
            // A reader has one descriptor and several ways to wait for it: whichever is armed gets the report. The set may have
            // lost the descriptor with another of them.
            int result = Shim.EpollModify(_epoll, announcer, Epoll.In | Epoll.OneShot, target.Token);
            if (result == -Errno.ENOENT)
                result = Shim.EpollAdd(_epoll, announcer, Epoll.In | Epoll.OneShot, target.Token);

            Errno.ThrowIfFailed(result, "epoll_ctl(EPOLL_CTL_MOD)", "waiting for a reader");
        }
    }

    /// <summary>Sees to it that a target is looked at no later than that.</summary>
    internal void Hasten(PollTarget target, long nextLook)
    {
        target.NextLook = nextLook;

        // Publish, fence, look: either we see until when the poller sleeps, or it sees our time in the look that follows its own
        // fence. Without the fence both could miss the other, and the target would be looked at too late or never.
        Interlocked.MemoryBarrier();
        if (nextLook < Volatile.Read(ref _sleepsUntil))
            _ = PollCall.Signal(_control);
    }

    /// <summary>Queues work to the thread pool, from the poller's thread or any other.</summary>
    internal void Queue(DispatchedWork work)
    {
        // Queueing may start a thread, which would inherit our affinity. That of another thread is its owner's affair.
        if (_dispatcher is { } dispatcher && Thread.CurrentThread == _thread)
            dispatcher.Enqueue(work);
        else
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }

    private void StartThread()
    {
        CpuSet process = ProcessCpus.Read();
        int pinning = 0;
        using ManualResetEventSlim started = new();
        Thread thread = new(() =>
        {
            // The affinity of a thread is set from inside of it. It is the thread's own, and stays.
            // So is the timer slack: by default the kernel may end a sleep 50 us late, half of a delay of 100 us. A refusal leaves
            // it as it was.
            _ = Shim.SetTimerSlack(1);
            if (_options.Cpus is { } cpus)
                pinning = Affinity.Set(cpus.Words);
            else
                _ = ProcessCpus.GiveToCallingThread(process);

            started.Set();
            if (pinning == 0)
                Run();
        })
        {
            IsBackground = true,
            Name = _options.ThreadName,
        };

        // Set before the thread looks at them. What runs inline needs no dispatcher.
        _dispatcher = _options is { Cpus: not null, UnsafeRunContinuationsInline: false } ? new UnpinnedDispatcher(process) : null;
        _thread = thread;
        try
        {
            thread.Start();
            started.Wait();
            Errno.ThrowIfFailed(
                pinning,
                "sched_setaffinity",
                $"pinning a poller to CPU {_options.Cpus}: none of them is online and in the process's cpuset");
        }
        catch
        {
            _thread = null;
            _dispatcher?.Dispose();
            throw;
        }
    }

    private void Run()
    {
        Span<Ready> ready = stackalloc Ready[Shim.ReadyMaximum];
        while (!_disposed)
        {
            // No longer than what was published, whatever the second look says: the target that had this time may be gone, and
            // another that saw it and needs no signal, as its own time is later, may not be visible yet.
            long until = Earliest();
            Volatile.Write(ref _sleepsUntil, until);
            Interlocked.MemoryBarrier();
            int count = EpollWaiter.Block(_epoll, ready, SleepUntil(Math.Min(until, Earliest())));
            Volatile.Write(ref _sleepsUntil, Awake);
            PollTarget[] targets = Volatile.Read(ref _targets);
            for (int i = 0; i < count; i++)
            {
                if (ready[i].Token == Control)
                    _ = PollCall.Clear(_control);
                else
                    Find(targets, ready[i].Token)?.Look();
            }

            long now = Stopwatch.GetTimestamp();
            foreach (PollTarget target in targets)
            {
                if (target.NextLook <= now)
                    target.LookByTheClock();
            }
        }

        // Whoever waits still has to hear something.
        foreach (PollTarget target in Volatile.Read(ref _targets))
            target.Abandon();

        _dispatcher?.Dispose();
        Close();
    }

    private static PollTarget? Find(PollTarget[] targets, ulong token)
    {
        // Tokens only grow, and targets are added at the end.
        int low = 0;
        int high = targets.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            ulong there = targets[middle].Token;
            if (there == token)
                return targets[middle];

            if (there < token)
                low = middle + 1;
            else
                high = middle - 1;
        }

        // It left between the report and this.
        return null;
    }

    private static long SleepUntil(long time) =>
        time == PollTarget.Never ? Deadline.None : Math.Max(0, time - Stopwatch.GetTimestamp());

    private long Earliest()
    {
        long earliest = PollTarget.Never;
        foreach (PollTarget target in Volatile.Read(ref _targets))
            earliest = Math.Min(earliest, target.NextLook);

        return earliest;
    }

    private void Close()
    {
        _control.Dispose();
        _epoll.Dispose();
    }
}
