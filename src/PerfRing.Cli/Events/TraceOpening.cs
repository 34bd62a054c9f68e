using System.Numerics;
using PerfRing.Cli.Trace;

namespace PerfRing.Cli.Events;

/// <summary>Opens a reader for events, as the command line asks for it.</summary>
internal static class TraceOpening
{
    /// <param name="events">The events; all write into the same rings.</param>
    /// <param name="options">The command line.</param>
    /// <param name="processId">The process to watch; null for everything.</param>
    /// <param name="userSpaceOnly">Whether to leave out what happens in the kernel.</param>
    /// <exception cref="CommandFailure">An option does not go with the events.</exception>
    /// <exception cref="PerfRingException">The kernel refused.</exception>
    internal static PerfEventReader Open(TracedEvent[] events, TraceOptions options, int? processId, bool userSpaceOnly)
    {
        try
        {
            return PerfEventReader.Open(events.Select(e => e.Source!), new PerfEventReaderOptions
            {
                BufferSize = options.BufferSize,
                Cpus = options.Cpus,
                ProcessId = processId,
                UserSpaceOnly = userSpaceOnly,
                Fields = FieldsFor(events),
                Wakeup = WakeupFor(options),
                StartDisabled = true,
            });
        }
        catch (ArgumentOutOfRangeException e) when (e.ParamName == nameof(PerfEventReaderOptions.Wakeup))
        {
            throw new CommandFailure(
                ExitCode.Usage,
                options.WakeupBytes is { } bytes
                    ? $"--wakeup-bytes: a ring of {RingSize(options)} bytes never gets {bytes} or more."
                    : $"--wakeup-events: {options.WakeupEvents} records don't fit into a ring of {RingSize(options)} bytes.",
                e);
        }
        catch (PlatformNotSupportedException e)
        {
            throw new CommandFailure(ExitCode.Missing, e.Message, e);
        }
    }

    private static SampleFields FieldsFor(TracedEvent[] events)
    {
        SampleFields fields = SampleFields.Time | SampleFields.ThreadId;
        if (events.Any(e => !e.IsSoftware))
            fields |= SampleFields.Raw;

        if (events.Any(e => e.IsSoftware))
            fields |= SampleFields.InstructionPointer;

        if (events.Any(e => e.HasAddress))
            fields |= SampleFields.Address;

        return fields;
    }

    /// <summary>Null for the library's default.</summary>
    internal static Wakeup? WakeupFor(TraceOptions options)
    {
        Wakeup? threshold = options.WakeupEvents is { } events ? Wakeup.AfterEvents(events)
            : options.WakeupBytes is { } bytes ? Wakeup.AfterBytes(bytes)
            : options.Within is not null ? Wakeup.AfterBytes(RingSize(options) / 4)
            : null;
        return options.Within is { } delay ? threshold?.Within(delay) : threshold;
    }

    /// <summary>What the ring's size becomes: a power of two of pages.</summary>
    private static int RingSize(TraceOptions options) =>
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(options.BufferSize, Environment.SystemPageSize));
}
