namespace PerfRing;

/// <summary>When a waiting reader is woken: a threshold, always paired with a longest delay.</summary>
/// <remarks>
/// <para>The kernel counts thresholds <b>per ring</b>, and there is one ring a CPU: events scattered over CPUs can stay below
/// it on each and wake nobody. So every threshold has a longest delay, after which the reader looks at all rings. A record is
/// visible to a waiting reader when its ring reaches the threshold, or at the latest <see cref="LongestDelay"/> after it was
/// written (plus scheduling), on whatever CPU it was written.</para>
/// <para>A wakeup costs the traced thread 30 to 150 times what the record costs it; a look costs the reader a few nanoseconds
/// a ring. Immutable; the default value is <see cref="Immediate"/>.</para>
/// </remarks>
public readonly record struct Wakeup
{
    /// <summary>The longest delay where none is given: 10 ms.</summary>
    public static readonly TimeSpan DefaultLongestDelay = TimeSpan.FromMilliseconds(10);

    private readonly TimeSpan? _longestDelay;

    private Wakeup(WakeupKind kind, int threshold, TimeSpan? longestDelay)
    {
        Kind = kind;
        Threshold = threshold;
        _longestDelay = longestDelay;
    }

    /// <summary>Every record wakes. The dearest for the traced threads, the soonest for the reader.</summary>
    public static Wakeup Immediate => default;

    /// <summary>No record wakes: the reader looks every <see cref="LongestDelay"/>. The cheapest for the traced threads.</summary>
    public static Wakeup Polled => new(WakeupKind.Polled, 0, null);

    /// <summary>What the reader is woken by.</summary>
    public WakeupKind Kind { get; }

    /// <summary>Samples or bytes, by <see cref="Kind"/>; 0 where there is no threshold.</summary>
    public int Threshold { get; }

    /// <summary>How long after it was written a record is seen at the latest, when its ring stays below the threshold.
    /// <see cref="Timeout.InfiniteTimeSpan"/>: no bound, the kernel's bare behaviour.</summary>
    public TimeSpan LongestDelay => _longestDelay ?? DefaultLongestDelay;

    /// <summary>Wakes when one ring got that many samples since it woke last (attr.wakeup_events).</summary>
    /// <param name="count">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static Wakeup AfterEvents(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new(WakeupKind.Events, count, null);
    }

    /// <summary>Wakes when one ring got that many bytes since it woke last (attr.wakeup_watermark).</summary>
    /// <param name="count">At least 1, and below the ring's size, which the reader checks.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static Wakeup AfterBytes(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new(WakeupKind.Bytes, count, null);
    }

    /// <summary>The same threshold with another longest delay.</summary>
    /// <param name="longestDelay">More than zero, to a resolution of 100 ns; or <see cref="Timeout.InfiniteTimeSpan"/>, which
    /// gives up the promise: events scattered over CPUs may then wake nobody for ever.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is zero or negative; or infinite with <see cref="Polled"/>, which
    /// would never look.</exception>
    public Wakeup Within(TimeSpan longestDelay)
    {
        if (longestDelay == Timeout.InfiniteTimeSpan)
        {
            if (Kind == WakeupKind.Polled)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(longestDelay), longestDelay, "A polled reader with an infinite delay would never look.");
            }
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(longestDelay, TimeSpan.Zero);
        }

        return new(Kind, Threshold, longestDelay);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string what = Kind switch
        {
            WakeupKind.Events => $"after {Threshold} events",
            WakeupKind.Bytes => $"after {Threshold} bytes",
            WakeupKind.Polled => "polled",
            _ => "immediate",
        };
        return LongestDelay == Timeout.InfiniteTimeSpan ? $"{what}, no longest delay"
            : $"{what}, within {LongestDelay.TotalMilliseconds} ms";
    }
}
