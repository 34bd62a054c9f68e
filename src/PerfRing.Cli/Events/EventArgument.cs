namespace PerfRing.Cli.Events;

/// <summary>Finds what an EVENT of the command line stands for.</summary>
internal static class EventArgument
{
    /// <summary>The clocks' period: they count nanoseconds, and a sample for each of those is not what anybody means.</summary>
    private static readonly SampleRate ClockRate = SampleRate.Every(1_000_000);

    /// <exception cref="CommandFailure">The text is malformed, or there is no such event.</exception>
    /// <exception cref="PerfRingException">The tracepoint is not there, or tracefs can't be read.</exception>
    internal static TracedEvent Resolve(string text)
    {
        if (SoftwareEventNames.TryFind(text, out SoftwareEvent software, out string name))
            return new TracedEvent(name, PerfEventSource.Software(software, RateOf(software)), software);

        if (!text.Contains(':', StringComparison.Ordinal))
            throw NoSuchEvent(text);

        try
        {
            return new TracedEvent(text, PerfEventSource.Tracepoint(text), null);
        }
        catch (ArgumentException e)
        {
            throw new CommandFailure(
                ExitCode.Usage, $"'{text}' is no event name: a tracepoint is subsystem:name, such as sched:sched_switch.", e);
        }
        catch (FormatException e)
        {
            throw new CommandFailure(ExitCode.Failed, e.Message, e);
        }
    }

    private static SampleRate RateOf(SoftwareEvent software) =>
        software is SoftwareEvent.CpuClock or SoftwareEvent.TaskClock ? ClockRate : default;

    private static CommandFailure NoSuchEvent(string text)
    {
        string message = $"no event '{text}'";
        IReadOnlyList<string> near = TracepointsLike(text);
        if (near.Count > 0)
            message += $": did you mean {string.Join(" or ", near)}?";

        return new CommandFailure(
            ExitCode.Missing,
            $"{message}{Environment.NewLine}Software events are {SoftwareEventNames.List}; a tracepoint is subsystem:name.");
    }

    /// <summary>Tracepoints whose subsystem was left out, or that sound like the text.</summary>
    private static IReadOnlyList<string> TracepointsLike(string text)
    {
        try
        {
            // No tracepoint has this subsystem: the answer is the list of those with a name like it.
            PerfEventSource.Tracepoint($"-:{text}");
            return [];
        }
        catch (TracepointNotFoundException e)
        {
            return e.Suggestions;
        }
        catch (Exception e) when (e is TracingUnavailableException or ArgumentException)
        {
            // Nothing to suggest from: the message does without.
            return [];
        }
    }
}
