namespace PerfRing;

/// <summary>How much one batch, or one drain, may take. The default value takes everything that is there.</summary>
/// <remarks>Bounds may be combined: <c>ReadBudget.OfRecords(100) with { MaximumTime = TimeSpan.FromMicroseconds(50) }</c>. What
/// a budget leaves stays in the ring and comes with the next read, which does not wait for it.</remarks>
public readonly record struct ReadBudget
{
    private readonly long _records;
    private readonly long _bytes;
    private readonly TimeSpan _time;

    /// <summary>Everything that is there at the moment of the read.</summary>
    public static ReadBudget Unlimited => default;

    /// <summary>The most records, loss notices included. At least 1; <see cref="long.MaxValue"/> by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long MaximumRecords
    {
        get => _records == 0 ? long.MaxValue : _records;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _records = value;
        }
    }

    /// <summary>The most bytes of ring, headers included. A first record larger than that is delivered all the same, alone. At
    /// least 1; <see cref="long.MaxValue"/> by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long MaximumBytes
    {
        get => _bytes == 0 ? long.MaxValue : _bytes;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _bytes = value;
        }
    }

    /// <summary>The longest time from the start of the batch after which no further record is shown. The clock is looked at
    /// every 4 KiB of records and between rings, not with each record. More than zero;
    /// <see cref="Timeout.InfiniteTimeSpan"/> by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or negative.</exception>
    public TimeSpan MaximumTime
    {
        get => _time == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : _time;
        init
        {
            if (value != Timeout.InfiniteTimeSpan)
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);

            _time = value;
        }
    }

    /// <summary>A bound by records only.</summary>
    /// <param name="maximum">At least 1.</param>
    public static ReadBudget OfRecords(long maximum) => new() { MaximumRecords = maximum };

    /// <summary>A bound by bytes only.</summary>
    /// <param name="maximum">At least 1.</param>
    public static ReadBudget OfBytes(long maximum) => new() { MaximumBytes = maximum };

    /// <summary>A bound by time only.</summary>
    /// <param name="maximum">More than zero.</param>
    public static ReadBudget OfTime(TimeSpan maximum) => new() { MaximumTime = maximum };
}
