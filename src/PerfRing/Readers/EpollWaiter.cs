using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>Waits for rings of the kernel: an epoll set with their descriptors and an eventfd of our own.</summary>
/// <remarks>Adding a perf descriptor, and every wait, consumes the ring's wake flag (perf_poll exchanges it for zero). A BPF ring
/// buffer is watched edge-triggered: its level is "something is unread", which an unfinished record at the head keeps high
/// for as long as its producer is preempted. Either way whoever waits looks at all rings before and after.</remarks>
internal sealed class EpollWaiter : Waiter
{
    /// <summary>The token of the eventfd.</summary>
    private const ulong Control = ulong.MaxValue;

    private static bool _lacksPwait2;

    private readonly Lock _closing = new();
    private readonly Descriptor _epoll;
    private readonly Descriptor _control;
    private readonly List<Descriptor?> _watched = [];
    private bool _closed;
    private int _watching;

    internal EpollWaiter()
    {
        Errno.ThrowIfFailed(Shim.EpollCreate(out int epoll), "epoll_create1", DescriptorRemedy);
        _epoll = new Descriptor(epoll);
        try
        {
            Errno.ThrowIfFailed(Shim.EventFd(out int control), "eventfd", DescriptorRemedy);
            _control = new Descriptor(control);
            Add(_control, Control, Epoll.In);
        }
        catch
        {
            _epoll.Dispose();
            _control?.Dispose();
            throw;
        }
    }

    internal const string DescriptorRemedy = "the process has too many open descriptors: raise RLIMIT_NOFILE (ulimit -n)";

    internal override Descriptor Announcer => _epoll;

    internal override int Watching => Volatile.Read(ref _watching);

    /// <summary>Who watches the kernel's descriptors instead of this waiter; null where nobody does.</summary>
    internal Staging? Staging { get; set; }

    /// <summary>Adds a ring's descriptor, which the caller goes on owning.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="onEdge">Whether only what is new makes it ready.</param>
    internal void Watch(Descriptor fd, bool onEdge = false) => Watch(fd, onEdge ? Epoll.In | Epoll.EdgeTriggered : Epoll.In);

    /// <summary>Adds the descriptor of a ring that this process writes, for the room that the other side makes. Its level is
    /// "one byte is free", and who waits may need more: so on edge.</summary>
    internal void WatchForRoom(Descriptor fd) => Watch(fd, Epoll.Out | Epoll.EdgeTriggered);

    internal override void Prepare() => RingCursor.FenceBeforeLook();

    internal override void Wait(long nanoseconds)
    {
        Span<Ready> ready = stackalloc Ready[Shim.ReadyMaximum];
        int count = Block(_epoll, ready, nanoseconds);
        bool woken = false;
        for (int i = 0; i < count; i++)
        {
            if (ready[i].Token == Control)
                ClearControl();
            else
            {
                woken = true;
                if ((ready[i].Events & (Epoll.HangUp | Epoll.Error)) != 0)
                    Leave((int)ready[i].Token);
            }
        }

        if (woken)
            Wakeups++;

        // The thread says that the tasks have ended when all that they left is moved. A look at the rings follows.
        if (Staging is { } staging)
            Volatile.Write(ref _watching, staging.LoadWatching());
    }

    internal override void Hurry() => Staging?.Hurry();

    internal override void Wake()
    {
        // Under the lock, or the number could be another file's by the time of the write.
        lock (_closing)
        {
            if (_closed)
                return;

            int result = PollCall.Signal(_control);

            // EAGAIN: the counter is at its maximum, so the waiter is awake anyway.
            if (result != 0 && result != -Errno.EAGAIN)
                Errno.Throw(result, "write(eventfd)", "waking a reader");
        }
    }

    public override void Dispose()
    {
        lock (_closing)
        {
            _closed = true;
            _epoll.Dispose();
            _control.Dispose();
        }
    }

    private static bool Lacks(int result) => result is -Errno.ENOSYS or -Errno.EPERM;

    /// <summary>Sleeps in an epoll set.</summary>
    /// <param name="epoll">The set.</param>
    /// <param name="ready">Room for what is ready.</param>
    /// <param name="nanoseconds">The longest sleep; <see cref="Deadline.None"/> for no bound.</param>
    /// <returns>How many are ready. None after a signal, too: that is no reason to end a read, and the caller looks at the rings
    /// and computes what is left of its time.</returns>
    internal static int Block(Descriptor epoll, Span<Ready> ready, long nanoseconds)
    {
        int result = Block(epoll, ready, nanoseconds, out int count);
        if (result == -Errno.EINTR)
            return 0;

        Errno.ThrowIfFailed(result, "epoll_pwait2", "waiting for rings");
        return count;
    }

    private static int Block(Descriptor epoll, Span<Ready> ready, long nanoseconds, out int count)
    {
        if (!_lacksPwait2)
        {
            long timeout = nanoseconds == Deadline.None ? -1 : nanoseconds;
            int result = PollCall.Wait(epoll, ready, timeout, out count);
            if (!Lacks(result))
                return result;

            // Linux before 5.11, or a seccomp filter that does not know the call: whole milliseconds from here on.
            _lacksPwait2 = true;
        }

        long milliseconds = nanoseconds == Deadline.None ? -1 : Math.Min(int.MaxValue, (nanoseconds + 999_999) / 1_000_000);
        return PollCall.WaitMilliseconds(epoll, ready, (int)milliseconds, out count);
    }

    private void Watch(Descriptor fd, uint events)
    {
        Add(fd, (ulong)_watched.Count, events);
        _watched.Add(fd);
        Volatile.Write(ref _watching, _watching + 1);
    }

    private void Add(Descriptor fd, ulong token, uint events) => Errno.ThrowIfFailed(
        Shim.EpollAdd(_epoll, fd, events, token),
        "epoll_ctl(EPOLL_CTL_ADD)",
        "the memory or the user's limit for epoll watches (fs.epoll.max_user_watches) is used up");

    /// <summary>Takes a descriptor out that hung up, as it would be ready for ever: the event's task has ended.</summary>
    private void Leave(int index)
    {
        Descriptor? fd = _watched[index];
        if (fd is null)
            return;

        _watched[index] = null;
        Volatile.Write(ref _watching, _watching - 1);
        Errno.ThrowIfFailed(Shim.EpollRemove(_epoll, fd), "epoll_ctl(EPOLL_CTL_DEL)", "leaving a descriptor that hung up");
    }

    private void ClearControl()
    {
        int result = PollCall.Clear(_control);
        if (result != 0 && result != -Errno.EAGAIN && result != -Errno.EINTR)
            Errno.Throw(result, "read(eventfd)", "clearing a wakeup");
    }
}
