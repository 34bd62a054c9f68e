namespace PerfRing;

/// <summary>Work for the thread pool that a pinned thread may hand to an <see cref="UnpinnedDispatcher"/>.</summary>
/// <remarks>It is its own place in the queue, so that handing it over allocates nothing: it may be handed over again once it
/// has been executed, not before.</remarks>
internal abstract class DispatchedWork : IThreadPoolWorkItem
{
    /// <summary>The work behind it, or in front, as long as a dispatcher has it.</summary>
    internal DispatchedWork? Next { get; set; }

    /// <summary>Does the work, on a thread of the pool.</summary>
    public abstract void Execute();
}
