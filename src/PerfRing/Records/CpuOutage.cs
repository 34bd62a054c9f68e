namespace PerfRing;

/// <summary>A time in which nothing of a CPU could be recorded: it was offline, or back and its events not yet opened anew.</summary>
/// <remarks>While a CPU is offline nothing happens on it. What is lost is what happened between its return and
/// <paramref name="End"/>, and nobody counts that: see docs/hotplug.md. Times are nanoseconds of the reader's
/// <see cref="PerfEventReaderOptions.Clock"/>.</remarks>
/// <param name="Begin">When the CPU's events stopped. Told by the events themselves, which measure how long they were enabled: to
/// about a millisecond, and too early by as much as the watch was held up while it looked; for events that were disabled then, when it was noticed; for a CPU that was offline when the
/// reader was opened, when it was opened.</param>
/// <param name="End">When its events were opened anew; null while they are not.</param>
public readonly record struct CpuOutage(ulong Begin, ulong? End)
{
    /// <summary>Why the events of a CPU that is back could not be opened anew when that was last tried, which is tried again
    /// each second; null where nothing was refused.</summary>
    public SystemCallException? Refusal { get; init; }
}
