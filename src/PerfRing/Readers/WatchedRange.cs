namespace PerfRing;

/// <summary>The descriptors of one ring in an epoll set that others share.</summary>
/// <param name="waiter">The set.</param>
/// <param name="from">The index of the first.</param>
/// <param name="to">The index behind the last; the same as the first where nothing announces the ring.</param>
internal readonly struct WatchedRange(EpollWaiter waiter, int from, int to)
{
    /// <summary>Whether there is nothing: the ring is found by the clock.</summary>
    internal bool IsEmpty => from == to;

    /// <summary>How many have not hung up. For the thread that waits.</summary>
    internal int Watching => waiter.CountWatched(from, to);

    /// <summary>Takes them out of the set. For the thread that waits.</summary>
    internal void Leave() => waiter.Leave(from, to);
}
