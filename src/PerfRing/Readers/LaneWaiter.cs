namespace PerfRing;

/// <summary>What a lane waits with.</summary>
/// <param name="Waiter">Its own, or one that it shares with other lanes of the same thread.</param>
internal readonly record struct LaneWaiter(Waiter Waiter)
{
    /// <summary>The part of a shared waiter that is this lane's; null if the waiter is the lane's own and goes with it.</summary>
    internal WatchedRange? Share { get; init; }
}
