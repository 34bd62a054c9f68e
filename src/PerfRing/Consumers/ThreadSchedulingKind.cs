namespace PerfRing;

/// <summary>The kinds of <see cref="ThreadScheduling"/>.</summary>
public enum ThreadSchedulingKind
{
    /// <summary>SCHED_OTHER.</summary>
    Normal,

    /// <summary>SCHED_FIFO.</summary>
    Fifo,

    /// <summary>SCHED_DEADLINE.</summary>
    Deadline,
}
