namespace PerfRing;

/// <summary>What a consumer's thread does when its rings are empty. Immutable; the default value is <see cref="Block"/>.</summary>
/// <remarks>
/// <para>A wakeup costs the traced thread 30 to 150 times what a record costs it, and the consumer some ten microseconds between
/// cores, a third of that on one core. So the policies differ in who pays: the traced thread (<see cref="Block"/>), a core
/// (<see cref="BusySpin"/>), or the delay (<see cref="Timer"/>). docs/wakeups.md has figures.</para>
/// <para>Whatever the policy, the reader's <see cref="Wakeup"/> decides which records wake a consumer that sleeps, and its
/// longest delay holds.</para>
/// </remarks>
public readonly record struct WaitPolicy
{
    private WaitPolicy(WaitPolicyKind kind, TimeSpan time)
    {
        Kind = kind;
        Time = time;
    }

    /// <summary>Sleeps in the kernel until a ring wakes the thread or the longest delay is over. Takes no time of a CPU while nothing
    /// happens; each sleep that a record ends costs the thread that wrote it a wakeup.</summary>
    public static WaitPolicy Block => default;

    /// <summary>Looks again and again, without ever sleeping. The soonest: a record is found as fast as its cache line comes over. It
    /// takes a CPU, which should be one that nothing else runs on, and not the one that writes.</summary>
    /// <remarks>Every look is a place where the garbage collector can stop the thread: it is never held up by a spin.</remarks>
    public static WaitPolicy BusySpin => new(WaitPolicyKind.BusySpin, default);

    /// <summary>What the thread does.</summary>
    public WaitPolicyKind Kind { get; }

    /// <summary>The budget or the period, by <see cref="Kind"/>; zero for the others.</summary>
    public TimeSpan Time { get; }

    /// <summary>Looks for as long as a record is likely to come, then sleeps.</summary>
    /// <param name="budget">The longest spin: more than zero, at most a second. How long it really is follows the gaps between
    /// arrivals: no spin where the gaps are longer than the budget, and no longer than twice the usual gap.</param>
    /// <remarks>Where records come often it saves both sides the wakeups, at the price of the time spun.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The budget is out of range.</exception>
    public static WaitPolicy SpinThenBlock(TimeSpan budget)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(budget, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(budget, TimeSpan.FromSeconds(1));
        return new(WaitPolicyKind.SpinThenBlock, budget);
    }

    /// <summary>Looks once a period, and sleeps in between without being woken by any record. The traced side never pays: the reader
    /// must be opened with <see cref="Wakeup.Polled"/>, so that the kernel has no reason to wake.</summary>
    /// <param name="period">From the start of a look to that of the next: more than zero, at most a second, and no longer than the
    /// reader's longest delay. It is the longest delay of a record, plus scheduling.</param>
    /// <remarks>A BPF program that submits with flags 0 goes on paying for the attempt where the consumer had caught up; with
    /// BPF_RB_NO_WAKEUP it does not.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The period is out of range.</exception>
    public static WaitPolicy Timer(TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(period, TimeSpan.FromSeconds(1));
        return new(WaitPolicyKind.Timer, period);
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        WaitPolicyKind.SpinThenBlock => $"spin {Time.TotalMicroseconds:0.###} us, then block",
        WaitPolicyKind.BusySpin => "busy spin",
        WaitPolicyKind.Timer => $"timer of {Time.TotalMicroseconds:0.###} us",
        _ => "block",
    };
}
