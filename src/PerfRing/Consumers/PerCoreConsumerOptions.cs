namespace PerfRing;

/// <summary>How a <see cref="PerCoreConsumer"/> reads. Immutable; checked when it is started.</summary>
public sealed record PerCoreConsumerOptions
{
    /// <summary>What a thread under SCHED_FIFO may spin where others want to run, too.</summary>
    private static readonly TimeSpan LongestSpinOfFifo = TimeSpan.FromMilliseconds(1);

    /// <summary>What a thread does when its rings are empty.</summary>
    /// <remarks>Default <see cref="WaitPolicy.Block"/>.</remarks>
    public WaitPolicy Wait { get; init; }

    /// <summary>Where the threads run.</summary>
    /// <remarks>Default <see cref="ThreadPlacement.RingCpu"/>.</remarks>
    public ThreadPlacement Placement { get; init; }

    /// <summary>How the kernel schedules the threads.</summary>
    /// <remarks>Default <see cref="ThreadScheduling.Normal"/>.</remarks>
    public ThreadScheduling Scheduling { get; init; }

    /// <summary>Which rings share a thread: those for whose CPUs this gives the same number.</summary>
    /// <remarks>Default null: a thread for each CPU, with the rings of all readers for it, and one for the rings that belong to no
    /// CPU, which are asked for as -1. <c>static _ =&gt; 0</c> makes one thread for everything.</remarks>
    public Func<int, int>? Group { get; init; }

    /// <summary>The names of the threads, as <c>top -H</c> and debuggers show them; <c>{0}</c> stands for the first CPU of the
    /// thread, or for <c>-</c>.</summary>
    /// <remarks>Default <c>perfring/{0}</c>. The kernel keeps 15 bytes.</remarks>
    public string ThreadName { get; init; } = "perfring/{0}";

    /// <summary>Whether all threads stop when a handler of one of them throws, or a ring turns out to be corrupted.</summary>
    /// <remarks>Default true. Otherwise the other threads go on, and <see cref="PerCoreConsumer.Completion"/> fails when the last of
    /// them has ended.</remarks>
    public bool StopsOnFailure { get; init; } = true;

    /// <summary>The longest a thread stays with one ring before it looks at the others, and whether it should stop.</summary>
    /// <remarks>Default 1 ms; more than zero. The clock is looked at every 4 KiB of records.</remarks>
    public TimeSpan LongestBatch { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long <see cref="PerCoreConsumer.DisposeAsync"/> goes on delivering what was in the rings when it was
    /// called.</summary>
    /// <remarks>Default 1 s; zero to leave it there at once. What is not delivered stays in the rings, to be read by other
    /// means.</remarks>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where in a payload the producer left the time of the record, for rings whose records carry none: an unsigned 64-bit
    /// number of nanoseconds of CLOCK_MONOTONIC, as bpf_ktime_get_ns gives it.</summary>
    /// <remarks>Default null: the delay of such records is not measured. Records of perf rings have their own time.</remarks>
    public int? StampOffset { get; init; }

    /// <summary>Where the lists of CPUs come from.</summary>
    /// <remarks>Default: the system.</remarks>
    public CpuTopology Topology { get; init; } = CpuTopology.FromSystem();

    /// <exception cref="ArgumentException">An option is out of range, or two contradict each other.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(ThreadName);
        ArgumentNullException.ThrowIfNull(Topology);
        if (LongestBatch <= TimeSpan.Zero)
            throw Out(nameof(LongestBatch), LongestBatch, "more than zero");

        if (DrainTimeout < TimeSpan.Zero)
            throw Out(nameof(DrainTimeout), DrainTimeout, "zero or more");

        if (StampOffset < 0)
            throw Out(nameof(StampOffset), StampOffset, "0 or more");

        if (Scheduling.Kind == ThreadSchedulingKind.Deadline && !Placement.IsUnpinned)
        {
            throw new ArgumentException(
                "SCHED_DEADLINE excludes pinning (the kernel refuses each where the other is, EPERM or EBUSY): choose "
                + "ThreadPlacement.Unpinned with it, or ThreadScheduling.Fifo.");
        }
    }

    /// <summary>Checks the policy against a reader that is to be read by it.</summary>
    /// <exception cref="ArgumentException">They don't go together.</exception>
    internal void ValidateFor(RingReader reader)
    {
        if (Wait.Kind == WaitPolicyKind.Timer && reader.Wakeup.Kind != WakeupKind.Polled)
        {
            throw new ArgumentException(
                $"WaitPolicy.Timer wants a reader that asks the kernel for no wakeups, and this one's is {reader.Wakeup}: open it "
                + "with Wakeup.Polled.");
        }

        if (Wait.Kind == WaitPolicyKind.Timer && Wait.Time > reader.Wakeup.LongestDelay)
        {
            throw new ArgumentException(
                $"A {Wait} breaks the promise of the reader, whose wakeup is {reader.Wakeup}: choose a period that is no longer, or open "
                + "the reader with a longer delay.");
        }
    }

    /// <summary>Checks the policy against the CPUs that a thread is to run on.</summary>
    /// <exception cref="ArgumentException">The thread would starve others.</exception>
    internal void ValidateFor(CpuSet? cpus)
    {
        bool spins = Wait.Kind == WaitPolicyKind.BusySpin
            || (Wait.Kind == WaitPolicyKind.SpinThenBlock && Wait.Time > LongestSpinOfFifo);
        if (Scheduling.Kind != ThreadSchedulingKind.Fifo || !spins)
            return;

        if (cpus is null || cpus.Except(Topology.Isolated).Count != 0)
        {
            throw new ArgumentException(
                $"{Wait} under SCHED_FIFO on {(cpus is null ? "any CPU" : $"CPUs {cpus}")} would keep every ordinary thread off it, "
                + $"those of the garbage collector among them. Isolated CPUs are allowed ({Isolated()}): choose "
                + "ThreadPlacement.On with those, or another policy.");
        }
    }

    private string Isolated() =>
        Topology.Isolated is { Count: > 0 } isolated ? $"{isolated}" : "this machine has none: boot parameter isolcpus, or an isolated cpuset";

    private static ArgumentOutOfRangeException Out(string option, object? value, string range) =>
        new(option, value, $"{nameof(PerCoreConsumerOptions)}.{option} must be {range}.");
}
