using System.Diagnostics.Metrics;

namespace PerfRing;

/// <summary>The meter of the library, and what its instruments have in common.</summary>
internal static class RingMeter
{
    /// <summary>The name by which listeners find it; also that of <see cref="RingEventSource"/>.</summary>
    internal const string Name = "PerfRing";

    internal static Meter Meter { get; } = new(Name, typeof(RingMeter).Assembly.GetName().Version?.ToString(3));
}
