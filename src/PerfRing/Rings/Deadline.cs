using System.Diagnostics;

namespace PerfRing;

/// <summary>Points in time of CLOCK_MONOTONIC, in the ticks of <see cref="Stopwatch"/>, which are nanoseconds on Linux.</summary>
internal static class Deadline
{
    /// <summary>Never.</summary>
    internal const long None = long.MaxValue;

    /// <summary>So long from now; never for an infinite span or one beyond the clock's range.</summary>
    internal static long After(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? None : Later(Stopwatch.GetTimestamp(), span);

    /// <summary>So long after a point in time.</summary>
    internal static long Later(long start, TimeSpan span)
    {
        long nanoseconds = Nanoseconds(span);
        return start > None - nanoseconds ? None : start + nanoseconds;
    }

    /// <summary>A span in nanoseconds; <see cref="None"/> for an infinite one or one beyond 292 years.</summary>
    internal static long Nanoseconds(TimeSpan span) =>
        span == Timeout.InfiniteTimeSpan || span.Ticks > None / TimeSpan.NanosecondsPerTick
            ? None
            : span.Ticks * TimeSpan.NanosecondsPerTick;
}
