using PerfRing.Cli.Events;
using PerfRing.Cli.Output;
using PerfRing.Cli.OwnRing;
using PerfRing.Cli.Reading;

namespace PerfRing.Cli.Trace;

/// <summary>One run of <c>perfring trace</c>.</summary>
internal static class TraceRun
{
    /// <exception cref="CommandFailure">The events can't be opened as asked, or stdout can't be written to.</exception>
    /// <exception cref="PerfRingException">An event is not there, or the kernel refused.</exception>
    internal static ExitCode Start(TraceOptions options)
    {
        using OpenedTrace trace = options.Events.Count == 0 ? BestEvents.Open(options) : RequestedEvents.Open(options);
        OutputBuffer output = new();
        RecordWriter writer = trace.CreateWriter(options.Format, output);
        ReadingLimits limits = new(options.Duration, options.Count, options.Strict);
        return ReadingRun.Run(trace.Reader, writer, output, limits, options.Merge ? MergeFor(options) : null);
    }

    // Perf events have stamps of the kernel's. Where there are none, the ring is our own, and its records are ticks.
    private static MergeOptions MergeFor(TraceOptions options) => new()
    {
        HoldBack = options.HoldBack ?? MergeOptions.DefaultHoldBack,
        StampOffset = Tick.TimeOffset,
    };
}
