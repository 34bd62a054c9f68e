using System.Threading.Tasks.Sources;

namespace PerfRing;

/// <summary>One wait of a reader at a time, awaited instead of slept through: the same objects again and again.</summary>
/// <remarks>
/// <para>While it waits, the reader is in use, and whoever holds the gate is its consumer: the caller that starts the wait, and
/// then the poller. The gate is never held while a continuation runs.</para>
/// <para>Whoever finishes the wait (a look, a token, an interruption) takes it down first, waits for the token's callback to be
/// over if it has begun, so that an old token can't touch a later wait, and completes it last.</para>
/// <para>Between two waits the reader's descriptor stays in the poller's set, armed or not: nobody sleeps then, and the look that
/// follows arming finds what was announced in vain. Before anyone sleeps on it elsewhere it must <see cref="Leave"/>.</para>
/// </remarks>
/// <typeparam name="TResult">What is awaited.</typeparam>
internal abstract class AsyncWait<TResult> : PollTarget, IPipeWait
{
    private readonly Lock _gate = new();
    private Source _source = new();
    private CancellationTokenRegistration _registration;
    private RingPoller? _poller;
    private bool _waiting;

    /// <summary>The thread that is starting the wait, as long as nobody can await it.</summary>
    private int _starter;

    /// <summary>Starts to wait. The caller has looked and found nothing.</summary>
    internal ValueTask<TResult> Start(RingPoller poller, CancellationToken cancellationToken)
    {
        try
        {
            if (_poller != poller)
                Join(poller);
        }
        catch
        {
            Finish(default!, hasResult: false);
            throw;
        }

        // A result that nobody took yet may still be on its way: that wait keeps its source, so that a caller who waits twice
        // at a time, which is wrong, at least gets no other's result.
        if (!_source.IsTaken)
            _source = new Source();

        Source source = _source;
        ValueTask<TResult> task = source.Begin(poller);
        _starter = Environment.CurrentManagedThreadId;
        lock (_gate)
            _waiting = true;

        // If the token is canceled by now the callback runs here, and the wait is over.
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (wait, token) => ((AsyncWait<TResult>)wait!).Cancel(token), this);
        lock (_gate)
        {
            if (_waiting && _source == source)
            {
                _registration = registration;
                registration = default;
            }
        }

        registration.Dispose();
        Look();
        _starter = 0;
        return task;
    }

    internal sealed override void Look() => Look(arms: true);

    internal sealed override void LookByTheClock() => Look(arms: false);

    internal sealed override void Abandon()
    {
        Source source;
        lock (_gate)
        {
            if (!_waiting)
                return;

            source = TakeDown();
        }

        Complete(source, default!, new ObjectDisposedException(nameof(RingPoller)));
    }

    /// <summary>Leaves the poller. Nothing waits any more; the next wait joins again.</summary>
    public void Leave()
    {
        RingPoller? poller = _poller;
        _poller = null;
        poller?.Unregister(this);
    }

    /// <summary>Has the poller look soon: something has changed that no descriptor tells.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            if (_waiting)
                _poller!.Hasten(this, RingPoller.Now);
        }
    }

    /// <summary>Takes what was announced so far.</summary>
    private protected abstract void BeforeArming();

    /// <summary>When the next look is due, if nothing is announced. Orders the look that follows.</summary>
    private protected abstract long NextTime();

    /// <summary>Looks whether the wait is over.</summary>
    private protected abstract bool TryProduce(out TResult result);

    /// <summary>Ends the use of the reader, before the result or the error is seen.</summary>
    private protected abstract void Finish(in TResult result, bool hasResult);

    private static bool Keep(Exception e, out Exception? error)
    {
        error = e;
        return true;
    }

    private void Look(bool arms)
    {
        TResult result = default!;
        Exception? error = null;
        Source source;
        lock (_gate)
        {
            if (!_waiting)
                return;

            try
            {
                if (!TryEnd(arms, out result))
                    return;
            }
            catch (Exception e) when (Keep(e, out error))
            {
            }

            source = TakeDown();
        }

        Complete(source, result, error);
    }

    private bool TryEnd(bool arms, out TResult result)
    {
        long next = NextTime();
        if (TryProduce(out result))
            return true;

        if (arms)
        {
            // Harvest what was announced, arm, look: what comes between arming and looking is reported. A look by the clock
            // need not: whatever disarmed the descriptor was followed by a look that armed it again.
            BeforeArming();
            _poller!.Arm(this);
            next = NextTime();
            if (TryProduce(out result))
                return true;
        }

        // Asked again: the look may have found an unfinished record, whose end nobody may announce.
        _poller!.Hasten(this, Math.Min(next, NextTime()));
        return false;
    }

    private void Join(RingPoller poller)
    {
        Leave();
        poller.Register(this);
        _poller = poller;
    }

    private void Cancel(CancellationToken token)
    {
        Source source;
        lock (_gate)
        {
            if (!_waiting)
                return;

            source = TakeDown();
        }

        Complete(source, default!, new OperationCanceledException(token));
    }

    private Source TakeDown()
    {
        _waiting = false;
        NextLook = Never;
        return _source;
    }

    private void Complete(Source source, TResult result, Exception? error)
    {
        _registration.Dispose();
        _registration = default;
        try
        {
            Finish(result, error is null);
        }
        catch (Exception e) when (Keep(e, out error))
        {
            // It may be the last use of a disposed reader that fails to close, and the poller serves others.
        }

        // Nobody awaits yet what the starter completes.
        source.End(result, error, isInline: Volatile.Read(ref _starter) == Environment.CurrentManagedThreadId);
    }

    /// <summary>What one wait after the other is awaited through.</summary>
    private sealed class Source : DispatchedWork, IValueTaskSource<TResult>
    {
        private ManualResetValueTaskSourceCore<TResult> _core;
        private volatile bool _isTaken = true;
        private RingPoller? _poller;
        private TResult _result = default!;
        private Exception? _error;

        /// <summary>Whether the last wait's result was taken, so that nothing of it is under way any more.</summary>
        internal bool IsTaken => _isTaken;

        public TResult GetResult(short token)
        {
            bool isOver = _core.GetStatus(token) != ValueTaskSourceStatus.Pending;
            try
            {
                return _core.GetResult(token);
            }
            finally
            {
                if (isOver)
                    _isTaken = true;
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);

        /// <summary>Completes the wait, on the thread pool.</summary>
        public override void Execute()
        {
            // Taken first: the next wait may begin within the call.
            TResult result = _result;
            Exception? error = _error;
            _result = default!;
            _error = null;
            if (error is null)
                _core.SetResult(result);
            else
                _core.SetException(error);
        }

        internal ValueTask<TResult> Begin(RingPoller poller)
        {
            _poller = poller;
            _isTaken = false;
            _core.Reset();
            return new ValueTask<TResult>(this, _core.Version);
        }

        internal void End(TResult result, Exception? error, bool isInline)
        {
            _result = result;
            _error = error;

            // Queueing this object allocates nothing, which letting the core queue the continuation would.
            if (isInline || _poller!.RunsContinuationsInline)
                Execute();
            else
                _poller.Queue(this);
        }
    }
}
