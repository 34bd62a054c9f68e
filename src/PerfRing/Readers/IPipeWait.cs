namespace PerfRing;

/// <summary>What a reader needs of the pipe over it, which it does not know.</summary>
internal interface IPipeWait
{
    /// <summary>Leaves the poller. Nothing waits any more.</summary>
    void Leave();

    /// <summary>Has the poller look soon.</summary>
    void Hurry();
}
