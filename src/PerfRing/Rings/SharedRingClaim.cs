namespace PerfRing;

/// <summary>How a claim for space in a shared ring ended.</summary>
internal enum SharedRingClaim
{
    /// <summary>The space is the writer's.</summary>
    Made,

    /// <summary>There is no room.</summary>
    Full,

    /// <summary>Another writer holds the lock, is alive, and does not run.</summary>
    Held,

    /// <summary>The positions are impossible.</summary>
    Corrupted,
}
