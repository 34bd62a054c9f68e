namespace PerfRing;

/// <summary>How a <see cref="BpfRingReader"/> stands to the ring.</summary>
public enum BpfRingAccess
{
    /// <summary>This reader is the consumer: it moves the ring's position, and records are seen where they lie. A ring buffer
    /// has one consumer: where another process is it already, both lose records and take garbage for records.</summary>
    Consume,

    /// <summary>The ring is somebody else's, or overwrites: nothing is stored, records are copied and shown if they were whole
    /// then (on machines other than x86-64 each copy waits some 15 ms to be sure of that, or, where membarrier(2) is refused, is best
    /// effort). What is overwritten before it was copied is lost, uncounted. The kernel announces nothing to such a
    /// reader: it looks once in each <see cref="Wakeup.LongestDelay"/>.</summary>
    Follow,
}
