using System.Diagnostics;
using System.Runtime.ExceptionServices;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>A thread that does nothing but drain some lanes into their handlers, and wait as its policy has it.</summary>
/// <remarks>
/// <code>
///   sweep all lanes -> found: sweep again
///                   -> nothing: announce, sweep again -> nothing: sleep -> sweep ...
/// </code>
/// It starts no thread, timer or pool work, since those would inherit its affinity: what others wait for goes through the
/// dispatcher, and the last of that is the thread's own end.
/// </remarks>
internal abstract partial class ConsumerThread : DispatchedWork, IDisposable
{
    private readonly ConsumerPlan _plan;
    private readonly PerCoreConsumerOptions _options;
    private readonly Waiter _waiter;
    private readonly ConsumerLane[] _lanes;
    private readonly UnpinnedDispatcher _dispatcher;
    private readonly Action<ConsumerThread> _ended;
    private readonly ReadBudget _budget;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _placed = new();
    private readonly ManualResetEventSlim _go = new();
    private Exception? _refusal;
    private bool _isStarted;
    private bool _isCalledOff;
    private int _open;
    private long _stopAt = Deadline.None;
    private volatile bool _mustPlace;

    /// <param name="plan">What it serves, and where.</param>
    /// <param name="lanes">The lanes, now owned by the thread.</param>
    /// <param name="waiter">What all of them announce themselves to; now owned by the thread.</param>
    /// <param name="options">How.</param>
    /// <param name="dispatcher">Takes what the thread may not do itself.</param>
    /// <param name="ended">Called on the pool when the thread has ended.</param>
    private protected ConsumerThread(
        ConsumerPlan plan, RingLane[] lanes, Waiter waiter, PerCoreConsumerOptions options, UnpinnedDispatcher dispatcher,
        Action<ConsumerThread> ended)
    {
        _plan = plan;
        _options = options;
        _waiter = waiter;
        _dispatcher = dispatcher;
        _ended = ended;
        _lanes = [.. lanes.Select(lane => new ConsumerLane(lane, dispatcher))];
        foreach (RingLane lane in lanes)
            lane.WhenCpuChanges = CpuChanged;

        _open = _lanes.Length;
        _budget = ReadBudget.OfTime(options.LongestBatch);
        _gaps = new ArrivalGaps(Deadline.Nanoseconds(options.Wait.Time));
        _thread = new Thread(Run) { IsBackground = true, Name = plan.Name };
    }

    /// <summary>What made the thread end before its time; null for nothing. Known when it has ended.</summary>
    internal Exception? Failure { get; private set; }

    internal string Name => _plan.Name;

    /// <summary>How many rings it serves.</summary>
    internal int Rings => _plan.Rings.Count;

    /// <summary>Where it is pinned to; null for nowhere.</summary>
    internal CpuSet? Cpus => _plan.Cpus;

    internal ConsumerStatistics ReadStatistics() => Counts.Read(_plan.Name);

    private protected ConsumerCounts Counts { get; } = new();

    /// <summary>Starts the thread, which places itself and then waits for <see cref="Go"/>.</summary>
    /// <exception cref="SystemCallException">The kernel refused the placement, or the scheduling.</exception>
    internal void Start()
    {
        _thread.Start();
        _isStarted = true;
        _placed.Wait();
        if (_refusal is not null)
            ExceptionDispatchInfo.Throw(_refusal);
    }

    /// <summary>Lets a thread that was started read, or end without having read anything.</summary>
    internal void Go(bool calledOff = false)
    {
        _isCalledOff = calledOff;
        if (_isStarted)
            _go.Set();
        else
            End();
    }

    /// <summary>Flushes every lane.</summary>
    internal void Flush(ConsumerFlush flush)
    {
        foreach (ConsumerLane lane in _lanes)
            lane.Flush(flush);
    }

    /// <summary>Has the thread end: after it has delivered what is in its rings now, or after so long.</summary>
    internal void Stop(TimeSpan timeout)
    {
        if (timeout > TimeSpan.Zero)
        {
            foreach (ConsumerLane lane in _lanes)
                lane.EndAfterFlush();
        }

        // The earliest wins: whoever stops for a failure does not wait for who stops to drain.
        long at = Deadline.After(timeout);
        long before;
        do
        {
            before = Volatile.Read(ref _stopAt);
        }
        while (at < before && Interlocked.CompareExchange(ref _stopAt, at, before) != before);

        _waiter.Wake();
    }

    /// <summary>The CPU of one of its rings went offline, or came back. The thread is woken after this.</summary>
    private void CpuChanged(int ring, bool isBack)
    {
        if (isBack)
            _mustPlace = true;
    }

    /// <inheritdoc/>
    public sealed override void Execute()
    {
        // It has handed itself over as the last thing it did.
        if (_isStarted)
            _thread.Join();

        Dispose();
        _ended(this);
    }

    /// <summary>Called when the thread has ended.</summary>
    public void Dispose()
    {
        _placed.Dispose();
        _go.Dispose();
    }

    /// <summary>Drains one lane into its handler.</summary>
    /// <param name="index">Which.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="budget">The most to take.</param>
    /// <param name="isCut">Whether the time of the budget was over before everything was handled.</param>
    private protected abstract DrainResult Drain(int index, RingLane lane, in ReadBudget budget, out bool isCut);

    private void Run()
    {
        try
        {
            // By default the kernel may end a sleep 50 us late. A refusal leaves it as it was.
            _ = Shim.SetTimerSlack(1);
            Place();
            Schedule();
        }
        catch (Exception e)
        {
            _refusal = e;
        }

        _placed.Set();
        _go.Wait();
        try
        {
            if (!_isCalledOff && _refusal is null)
                Consume();
        }
        catch (Exception e)
        {
            // Of a handler, or of a ring that is corrupted.
            Failure = e;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Gives back everything and hands over the news.</summary>
    private void End()
    {
        // Before the lanes, whose readers are whole again then and have waiters of their own: two take announcements from each
        // other.
        StandDown();
        _waiter.Dispose();
        foreach (ConsumerLane lane in _lanes)
        {
            try
            {
                lane.End();
            }
            catch (Exception e)
            {
                // The reader may be disposed with this, its last use, and fail to close. The others have to be ended all the same.
                Failure ??= e;
            }
        }

        _dispatcher.Enqueue(this);
    }

    private void Consume()
    {
        while (true)
        {
            if (_mustPlace)
            {
                _mustPlace = false;
                TryPlaceAgain();
            }

            bool found = Sweep();
            if (_open == 0 || IsOver())
                return;

            if (found)
                AfterFind();
            else
                AfterNothing();
        }
    }

    /// <summary>Drains each lane once.</summary>
    /// <returns>Whether there was anything.</returns>
    private bool Sweep()
    {
        bool found = false;
        _isCut = false;
        for (int i = 0; i < _lanes.Length; i++)
        {
            ConsumerLane lane = _lanes[i];
            if (!lane.IsOpen)
                continue;

            DrainResult result = Drain(i, lane.Lane, _budget, out bool isCut);
            switch (result.Status)
            {
                case ReadStatus.Records:
                    found = true;
                    _isCut |= isCut;
                    Counts.Batch(result.Records);
                    if (result.Stopped)
                        EndLane(lane);

                    break;
                case ReadStatus.Flushed:
                    found = true;
                    if (lane.Flushed())
                        EndLane(lane);

                    break;
                case ReadStatus.Completed:
                    EndLane(lane);
                    break;
            }
        }

        return found;
    }

    private void EndLane(ConsumerLane lane)
    {
        // What announces the ring is the reader's again from here on, and so is the word on which a futex sleeps.
        StandDown();
        lane.Lane.LeaveWaiter();
        lane.End();
        _open--;
    }

    private bool IsOver()
    {
        long stopAt = Volatile.Read(ref _stopAt);
        return stopAt != Deadline.None && Stopwatch.GetTimestamp() >= stopAt;
    }
}
