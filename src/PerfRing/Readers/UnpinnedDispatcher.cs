using PerfRing.Interop;

namespace PerfRing;

/// <summary>A thread that queues work to the thread pool for threads that are pinned and must not do that themselves.</summary>
/// <remarks>
/// <para>Queueing may start a thread of the pool, and a thread inherits the affinity of the one that starts it: on NativeAOT
/// always, on CoreCLR if that is the main thread. The dispatcher has the CPUs of the process, and so has what it starts.</para>
/// <para>Any number of threads hand work over, in a stack that is linked through the work itself. The dispatcher takes all of it
/// with one exchange and turns it round: what one thread hands over is queued in its order. No allocation, no lock, and a
/// system call only for work that is the first since the dispatcher looked.</para>
/// <code>
///   pinned thread: Enqueue(c)              dispatcher: takes c, b, a; queues a, b, c
///   _newest -> c -> b -> a                 _newest -> nothing
/// </code>
/// </remarks>
internal sealed class UnpinnedDispatcher : IDisposable
{
    private static readonly Lock GateOfShared = new();
    private static UnpinnedDispatcher? _shared;

    private readonly AutoResetEvent _handedOver = new(initialState: false);
    private readonly Thread _thread;
    private DispatchedWork? _newest;
    private volatile bool _isEnding;

    /// <summary>Starts the thread.</summary>
    /// <param name="process">The CPUs of the process, see <see cref="ProcessCpus.Read"/>.</param>
    /// <exception cref="SystemCallException">Whoever calls is pinned, and the kernel does not let the thread leave that.</exception>
    internal UnpinnedDispatcher(CpuSet process)
    {
        int widening = 0;
        using ManualResetEventSlim started = new();
        _thread = new Thread(() =>
        {
            widening = ProcessCpus.GiveToCallingThread(process);
            started.Set();
            if (widening == 0)
                Run();
        })
        {
            IsBackground = true,
            Name = "ring dispatcher",
        };
        _thread.Start();
        started.Wait();
        if (widening == 0)
            return;

        _handedOver.Dispose();
        Errno.Throw(
            widening,
            "sched_setaffinity",
            $"giving a thread the CPUs of the process, {process}: none of them is online and in the process's cpuset any more");
    }

    /// <summary>The one of every pinned thread that has no other. Never disposed.</summary>
    /// <exception cref="SystemCallException">It could not be started; the next call tries again.</exception>
    internal static UnpinnedDispatcher Shared
    {
        get
        {
            lock (GateOfShared)
                return _shared ??= new UnpinnedDispatcher(ProcessCpus.Read());
        }
    }

    /// <summary>Hands work over. It is queued to the pool soon; everything that was handed over before the dispatcher is disposed
    /// is.</summary>
    /// <param name="work">Not handed over already.</param>
    internal void Enqueue(DispatchedWork work)
    {
        ObjectDisposedException.ThrowIf(_isEnding, this);
        DispatchedWork? newest = Volatile.Read(ref _newest);
        while (true)
        {
            // The exchange publishes what was written to the work before; pairs with the exchange in Run.
            work.Next = newest;
            DispatchedWork? seen = Interlocked.CompareExchange(ref _newest, work, newest);
            if (seen == newest)
                break;

            newest = seen;
        }

        // If there was something already, whoever put it there wakes the dispatcher, which then takes this, too. The event stays
        // set until a wait has seen it, so it does not matter whether the dispatcher sleeps by now.
        if (newest is null)
            _handedOver.Set();
    }

    /// <summary>Ends the thread, after it has queued everything. Waits for that. Nothing may be handed over any more.</summary>
    public void Dispose()
    {
        _isEnding = true;
        _handedOver.Set();
        _thread.Join();
        _handedOver.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            // Read before the work is taken: if it ends there is no work behind what is taken now.
            bool isEnding = _isEnding;
            DispatchedWork? work = Reversed(Interlocked.Exchange(ref _newest, null));
            if (work is null)
            {
                if (isEnding)
                    return;

                _handedOver.WaitOne();
                continue;
            }

            while (work is not null)
            {
                // From the moment that it is queued it may be executed and handed over again.
                DispatchedWork? next = work.Next;
                work.Next = null;
                ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
                work = next;
            }
        }
    }

    private static DispatchedWork? Reversed(DispatchedWork? newest)
    {
        DispatchedWork? oldest = null;
        while (newest is not null)
        {
            DispatchedWork? before = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = before;
        }

        return oldest;
    }
}
