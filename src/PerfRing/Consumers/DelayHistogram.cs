using System.Numerics;

namespace PerfRing;

/// <summary>Counts delays, each in a bucket that is an eighth of its power of two wide: an error of at most 12.5 %.</summary>
/// <remarks>One thread counts, any thread reads. Nothing is allocated, locked or exchanged: it is for the pinned thread itself.</remarks>
internal sealed class DelayHistogram
{
    private const int StepsOfAPower = 8;
    private const int LogStepsOfAPower = 3;

    private readonly long[] _counts = new long[(64 - LogStepsOfAPower) * StepsOfAPower];
    private long _highest;

    /// <summary>Counts one delay in nanoseconds; a negative one, of clocks that don't agree to the nanosecond, as 0.</summary>
    internal void Count(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        ref long bucket = ref _counts[IndexOf((ulong)nanoseconds)];
        Volatile.Write(ref bucket, bucket + 1);
        if (nanoseconds > _highest)
            Volatile.Write(ref _highest, nanoseconds);
    }

    /// <summary>The counts at this moment.</summary>
    internal DelayDistribution Read()
    {
        long[] counts = new long[_counts.Length];
        for (int i = 0; i < counts.Length; i++)
            counts[i] = Volatile.Read(ref _counts[i]);

        return new DelayDistribution(counts, Volatile.Read(ref _highest));
    }

    /// <summary>The first value above a bucket.</summary>
    internal static ulong EndOf(int index)
    {
        if (index < StepsOfAPower)
            return (ulong)index + 1;

        int power = index / StepsOfAPower - 1;
        return (ulong)(index % StepsOfAPower + StepsOfAPower + 1) << power;
    }

    private static int IndexOf(ulong value)
    {
        if (value < StepsOfAPower)
            return (int)value;

        int power = BitOperations.Log2(value) - LogStepsOfAPower;
        return (power + 1) * StepsOfAPower + (int)(value >> power) - StepsOfAPower;
    }
}
