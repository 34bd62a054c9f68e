namespace PerfRing;

/// <summary>A flush of a consumer: done when every lane has reported it.</summary>
internal sealed class ConsumerFlush : DispatchedWork
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1;

    internal Task Done => _done.Task;

    /// <summary>One more lane has to report.</summary>
    internal void Await() => Interlocked.Increment(ref _open);

    /// <summary>A lane has reported, or ended; or there is no lane more.</summary>
    internal void Report(UnpinnedDispatcher dispatcher)
    {
        if (Interlocked.Decrement(ref _open) == 0)
            dispatcher.Enqueue(this);
    }

    /// <inheritdoc/>
    public override void Execute() => _done.SetResult();
}
