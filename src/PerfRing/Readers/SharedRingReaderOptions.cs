namespace PerfRing;

/// <summary>How a <see cref="SharedRingReader"/> is opened. Immutable; checked when the reader is opened.</summary>
public sealed record SharedRingReaderOptions
{
    /// <summary>When a waiting read is woken.</summary>
    /// <remarks>
    /// <para>Default null: <see cref="Wakeup.Immediate"/>, within <see cref="Wakeup.DefaultLongestDelay"/>. Writers count for the
    /// thresholds themselves, from the moment when the reader found nothing and went to sleep: <see cref="Wakeup.AfterEvents"/>
    /// counts records that were committed or discarded, <see cref="Wakeup.AfterBytes"/> bytes with headers and padding. A writer
    /// that finds no room wakes whatever the threshold, unless the reader is <see cref="Wakeup.Polled"/>.</para>
    /// <para>Waking costs the writer a system call, several microseconds; not waking costs it a look at a word.</para>
    /// </remarks>
    public Wakeup? Wakeup { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">The threshold is beyond the ring.</exception>
    internal Wakeup Validate(int capacity)
    {
        Wakeup wakeup = Wakeup ?? PerfRing.Wakeup.Immediate;
        if (wakeup.Kind == WakeupKind.Bytes && wakeup.Threshold >= capacity)
        {
            throw new ArgumentException(
                $"Wakeup.AfterBytes({wakeup.Threshold}) is never reached in a ring of {capacity} bytes: stay below it, or use "
                + "Wakeup.Polled.");
        }

        return wakeup;
    }
}
