using System.Diagnostics;
using PerfRing.Cli.Interop;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Reading;

/// <summary>One run of a command that prints what is in rings, from an open reader to the exit code.</summary>
internal static class ReadingRun
{
    /// <param name="reader">The reader; one of perf events waits to be enabled.</param>
    /// <param name="writer">Turns its records into output.</param>
    /// <param name="output">Where the writer puts them.</param>
    /// <param name="limits">When it ends by itself, and what its end means.</param>
    /// <param name="merge">How records are brought in the order of time; null to print ring by ring.</param>
    /// <exception cref="CommandFailure">stdout can't be written to.</exception>
    /// <exception cref="PerfRingException">The ring can't be read.</exception>
    internal static ExitCode Run(RingReader reader, RecordWriter writer, OutputBuffer output, ReadingLimits limits, MergeOptions? merge = null)
    {
        // This thread is the tool's own, and waits for rings with delays that may be far below a millisecond.
        _ = LibC.SetTimerSlack(1);
        PerfEventReader? events = reader as PerfEventReader;
        using MergedReader? merged = merge is null ? null : reader.Merged(merge);
        RecordPrinter printer = merged is null
            ? new RingPrinter(reader, writer, output)
            : new MergedPrinter(merged, writer, output);
        using ReadingEnd end = new(reader);
        long started = Stopwatch.GetTimestamp();
        events?.Enable();
        if (limits.Duration is { } time)
            end.After(time);

        bool heard = printer.Print(limits.Count);
        events?.Disable();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        LossLedger losses = reader.ReadLosses();

        // Who closed the pipe has seen enough, and wants no word about it.
        if (heard)
            ReadingSummary.Write(printer.Tally, reader, losses, elapsed, merged?.Late);

        if (!limits.Strict || (losses.IsExact && !losses.IsAny))
            return ExitCode.Done;

        Diagnostics.Say(losses.IsAny ? "records were lost." : "whether records were lost is not known here.");
        return ExitCode.Loss;
    }
}
