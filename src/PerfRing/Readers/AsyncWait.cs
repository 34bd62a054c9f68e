using System.Threading.Tasks.Sources;

namespace PerfRing;

/// <summary>One wait of a reader at a time, awaited instead of slept through: the same object again and again.</summary>
/// <remarks>
/// <para>While it waits, the reader is in use, and whoever holds the gate is its consumer: the caller that starts the wait, and
/// then the poller. The gate is never held while a continuation runs.</para>
/// <para>Whoever finishes the wait (a look, a token, an interruption) takes it down first, waits for the token's callback to be
/// over if it has begun, so that an old token can't touch a later wait, and completes it last.</para>
/// </remarks>
/// <typeparam name="TResult">What is awaited.</typeparam>
internal abstract class AsyncWait<TResult> : PollTarget, IPipeWait, IValueTaskSource<TResult>, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<TResult> _core;
    private CancellationTokenRegistration _registration;
    private RingPoller? _poller;
    private bool _waiting;
    private bool _completesInline;

    /// <summary>The thread that is starting the wait, as long as nobody can await it.</summary>
    private int _starter;
    private TResult _result = default!;
    private Exception? _error;

    public TResult GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

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

        _core.Reset();
        _completesInline = poller.RunsContinuationsInline;
        _starter = Environment.CurrentManagedThreadId;
        ValueTask<TResult> task = new(this, _core.Version);
        lock (_gate)
            _waiting = true;

        // If the token is canceled by now the callback runs here, and the wait is over.
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (wait, token) => ((AsyncWait<TResult>)wait!).Cancel(token), this);
        lock (_gate)
        {
            if (_waiting)
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

    internal sealed override void Look()
    {
        TResult result = default!;
        Exception? error = null;
        lock (_gate)
        {
            if (!_waiting)
                return;

            try
            {
                // Harvest what was announced, arm, look: what comes between arming and looking is reported.
                BeforeArming();
                _poller!.Arm(this, NextTime());
                if (!TryProduce(out result))
                    return;
            }
            catch (Exception e) when (Keep(e, out error))
            {
            }

            TakeDown();
        }

        Complete(result, error);
    }

    internal sealed override void Abandon()
    {
        lock (_gate)
        {
            if (!_waiting)
                return;

            TakeDown();
        }

        Complete(default!, new ObjectDisposedException(nameof(RingPoller)));
    }

    /// <summary>Leaves the poller. Nothing waits any more.</summary>
    public void Leave() => _poller?.Unregister(this);

    /// <summary>Has the poller look soon: something has changed that no descriptor tells.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            if (_waiting)
                _poller!.Hasten(this, RingPoller.Now);
        }
    }

    /// <summary>Completes the wait, on the thread pool.</summary>
    void IThreadPoolWorkItem.Execute() => SetOutcome();

    /// <summary>Takes what was announced so far.</summary>
    private protected abstract void BeforeArming();

    /// <summary>When the next look is due, if nothing is announced.</summary>
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

    private void Join(RingPoller poller)
    {
        _poller?.Unregister(this);
        poller.Register(this);
        _poller = poller;
    }

    private void Cancel(CancellationToken token)
    {
        lock (_gate)
        {
            if (!_waiting)
                return;

            TakeDown();
        }

        Complete(default!, new OperationCanceledException(token));
    }

    private void TakeDown()
    {
        _waiting = false;
        NextLook = Never;
    }

    private void Complete(TResult result, Exception? error)
    {
        _registration.Dispose();
        _registration = default;
        Finish(result, error is null);
        _result = result;
        _error = error;

        // Queueing this object allocates nothing, which letting the source queue the continuation would. Nobody awaits yet what
        // the starter completes.
        if (_completesInline || Volatile.Read(ref _starter) == Environment.CurrentManagedThreadId)
            SetOutcome();
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void SetOutcome()
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
}
