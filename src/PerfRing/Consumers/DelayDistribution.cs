namespace PerfRing;

/// <summary>How long records had waited when they came to their handler. Immutable.</summary>
/// <remarks>One record a batch is measured, the oldest, which waited longest: so at no cost a record. Values are exact to
/// 12.5 %.</remarks>
public sealed class DelayDistribution
{
    private readonly long[] _counts;
    private readonly long _highest;

    internal DelayDistribution(long[] counts, long highest)
    {
        _counts = counts;
        _highest = highest;
        Count = counts.Sum();
    }

    /// <summary>How many were measured.</summary>
    public long Count { get; }

    /// <summary>The longest; zero if there was none.</summary>
    public TimeSpan Highest => FromNanoseconds(_highest);

    /// <summary>The delay that so many of them did not exceed.</summary>
    /// <param name="share">More than 0, at most 1: 0.5 for the median, 0.99 for all but one of a hundred.</param>
    /// <returns>Zero if there was none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    public TimeSpan Percentile(double share)
    {
        if (share is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "More than 0, at most 1.");

        long wanted = (long)Math.Ceiling(share * Count);
        long passed = 0;
        for (int i = 0; i < _counts.Length && Count != 0; i++)
        {
            passed += _counts[i];
            if (passed >= wanted)
                return FromNanoseconds(Math.Min((long)DelayHistogram.EndOf(i) - 1, _highest));
        }

        return TimeSpan.Zero;
    }

    /// <summary>The delays in ascending order, as upper bounds with the number of records up to them.</summary>
    public IEnumerable<(TimeSpan UpTo, long Records)> Buckets()
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] != 0)
                yield return (FromNanoseconds(Math.Min((long)DelayHistogram.EndOf(i) - 1, _highest)), _counts[i]);
        }
    }

    /// <summary>The counts of several threads together.</summary>
    internal static DelayDistribution Sum(IEnumerable<DelayDistribution> distributions)
    {
        DelayDistribution sum = new DelayHistogram().Read();
        long highest = 0;
        foreach (DelayDistribution one in distributions)
        {
            for (int i = 0; i < sum._counts.Length; i++)
                sum._counts[i] += one._counts[i];

            highest = Math.Max(highest, one._highest);
        }

        return new DelayDistribution(sum._counts, highest);
    }

    private static TimeSpan FromNanoseconds(long nanoseconds) => new(nanoseconds / TimeSpan.NanosecondsPerTick);
}
