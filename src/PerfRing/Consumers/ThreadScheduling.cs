namespace PerfRing;

/// <summary>How the kernel schedules the threads of a consumer (sched(7)). Immutable; the default value is
/// <see cref="Normal"/>.</summary>
public readonly record struct ThreadScheduling
{
    private ThreadScheduling(ThreadSchedulingKind kind, int priority, TimeSpan runtime, TimeSpan deadline, TimeSpan period)
    {
        Kind = kind;
        Priority = priority;
        Runtime = runtime;
        RelativeDeadline = deadline;
        Period = period;
    }

    /// <summary>As any thread of the process.</summary>
    public static ThreadScheduling Normal => default;

    /// <summary>The policy.</summary>
    public ThreadSchedulingKind Kind { get; }

    /// <summary>Of <see cref="Fifo"/>, 1 to 99; else 0.</summary>
    public int Priority { get; }

    /// <summary>Of <see cref="Deadline"/>: the time of a CPU in each period.</summary>
    public TimeSpan Runtime { get; }

    /// <summary>Of <see cref="Deadline"/>: from the start of a period until the runtime was given.</summary>
    public TimeSpan RelativeDeadline { get; }

    /// <summary>Of <see cref="Deadline"/>.</summary>
    public TimeSpan Period { get; }

    /// <summary>SCHED_FIFO: runs before every ordinary thread, as soon as it can and for as long as it has something to do.</summary>
    /// <param name="priority">1 to 99, the highest runs first. Interrupt threads have 50.</param>
    /// <remarks>
    /// <para>Needs CAP_SYS_NICE, or an RLIMIT_RTPRIO of at least the priority. kernel.sched_rt_runtime_us limits what all real-time
    /// threads of a CPU may take together, 95 % by default.</para>
    /// <para>With <see cref="WaitPolicy.BusySpin"/>, or a spin of more than 1 ms, refused unless the CPU is isolated: such a thread starves all others of its CPU,
    /// those of the garbage collector among them, and the whole process would wait for them.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The priority is out of range.</exception>
    public static ThreadScheduling Fifo(int priority)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(priority, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, 99);
        return new(ThreadSchedulingKind.Fifo, priority, default, default, default);
    }

    /// <summary>SCHED_DEADLINE: the kernel guarantees a runtime in each period, and no more than that.</summary>
    /// <param name="runtime">At least 1,024 ns.</param>
    /// <param name="deadline">At least the runtime.</param>
    /// <param name="period">At least the deadline.</param>
    /// <remarks>Instead of pinning, as the kernel allows only one of the two: with <see cref="ThreadPlacement.Unpinned"/>. Needs
    /// CAP_SYS_NICE, and enough of the CPUs' bandwidth that is not promised to others (EBUSY). Threads that such a thread starts are
    /// ordinary (SCHED_FLAG_RESET_ON_FORK).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A time is out of range.</exception>
    public static ThreadScheduling Deadline(TimeSpan runtime, TimeSpan deadline, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runtime.TotalNanoseconds, 1024, nameof(runtime));
        ArgumentOutOfRangeException.ThrowIfLessThan(deadline, runtime);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, deadline);
        return new(ThreadSchedulingKind.Deadline, 0, runtime, deadline, period);
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ThreadSchedulingKind.Fifo => $"SCHED_FIFO at {Priority}",
        ThreadSchedulingKind.Deadline =>
            $"SCHED_DEADLINE, {Runtime.TotalMicroseconds:0.###} us within {RelativeDeadline.TotalMicroseconds:0.###} us of every "
            + $"{Period.TotalMicroseconds:0.###} us",
        _ => "SCHED_OTHER",
    };
}
