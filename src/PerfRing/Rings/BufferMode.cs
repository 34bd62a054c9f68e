namespace PerfRing;

/// <summary>What the kernel does when a ring is full, and in which order it is read.</summary>
public enum BufferMode
{
    /// <summary>New records are refused and counted until the reader makes room.</summary>
    Forward,

    /// <summary>Old records are overwritten; a pause delivers the newest first.</summary>
    OverwriteNewestFirst,

    /// <summary>Old records are overwritten; a pause delivers the oldest that is left first.</summary>
    OverwriteOldestFirst,
}
