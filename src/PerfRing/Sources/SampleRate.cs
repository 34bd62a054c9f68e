namespace PerfRing;

/// <summary>How often an event is sampled. The default value samples every occurrence.</summary>
public readonly record struct SampleRate
{
    private readonly ulong _value;

    private SampleRate(ulong value, bool isFrequency)
    {
        _value = value;
        IsFrequency = isFrequency;
    }

    /// <summary>Events between samples, or samples a second, by <see cref="IsFrequency"/>.</summary>
    public ulong Value => _value == 0 ? 1 : _value;

    /// <summary>Whether <see cref="Value"/> is samples a second; the kernel then adjusts the period as it goes.</summary>
    public bool IsFrequency { get; }

    /// <summary>A sample every so many events (attr.sample_period); nanoseconds for clocks.</summary>
    /// <param name="events">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public static SampleRate Every(long events)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(events, 1);
        return new((ulong)events, isFrequency: false);
    }

    /// <summary>About so many samples a second and CPU (attr.sample_freq), at most kernel.perf_event_max_sample_rate.</summary>
    /// <param name="samples">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public static SampleRate PerSecond(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        return new((ulong)samples, isFrequency: true);
    }
}
