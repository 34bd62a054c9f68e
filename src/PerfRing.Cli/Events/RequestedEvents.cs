using PerfRing.Cli.Trace;

namespace PerfRing.Cli.Events;

/// <summary>The events that the user named.</summary>
internal static class RequestedEvents
{
    /// <exception cref="CommandFailure">A name is malformed, or stands for nothing.</exception>
    /// <exception cref="PerfRingException">An event is not there, or the kernel refused.</exception>
    internal static OpenedTrace Open(TraceOptions options)
    {
        // Named twice, also by its short name, an event would print everything twice.
        TracedEvent[] events = [.. options.Events.Select(EventArgument.Resolve).DistinctBy(e => e.Name)];
        try
        {
            return new OpenedTrace(TraceOpening.Open(events, options, options.ProcessId, userSpaceOnly: false), events);
        }
        catch (SystemCallException e) when (
            PermissionDenied.Is(e) && options.ProcessId is not null && events.All(traced => traced.IsSoftware))
        {
            // An ordinary user may watch a process of his own, but not what the kernel does for it.
            OpenedTrace trace = new(TraceOpening.Open(events, options, options.ProcessId, userSpaceOnly: true), events);
            Diagnostics.Say($"{e.Message}");
            Diagnostics.Say("tracing what happens in user space only; context switches and migrations happen in the kernel.");
            return trace;
        }
    }
}
