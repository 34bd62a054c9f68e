namespace PerfRing;

/// <summary>What wakes a waiting reader.</summary>
public enum WakeupKind
{
    /// <summary>Every record.</summary>
    Immediate,

    /// <summary>A number of samples in one ring.</summary>
    Events,

    /// <summary>A number of bytes in one ring.</summary>
    Bytes,

    /// <summary>Nothing but the clock.</summary>
    Polled,
}
