using PerfRing.Cli.Trace;

namespace PerfRing.Cli.Events;

/// <summary>The most telling events that this machine and this user's rights allow, where none were named.</summary>
internal static class BestEvents
{
    private const string Tracepoint = "sched:sched_switch";
    private const string ContextSwitches = "context-switches";
    private const string Clock = "cpu-clock";

    /// <exception cref="PerfRingException">Even the least was refused.</exception>
    internal static OpenedTrace Open(TraceOptions options) =>
        Try(() => Kernel(Tracepoint, options), Tracepoint)
        ?? Try(() => Kernel(ContextSwitches, options), ContextSwitches)
        ?? UserSpace(options);

    /// <summary>Null, and the reason on stderr, where the next best may still work.</summary>
    private static OpenedTrace? Try(Func<OpenedTrace> open, string name)
    {
        try
        {
            return open();
        }
        catch (PerfRingException e) when (e is TracingUnavailableException or TracepointNotFoundException
            || e is SystemCallException refused && PermissionDenied.Is(refused))
        {
            Diagnostics.Say($"not {name}: {e.Message}");
            return null;
        }
    }

    private static OpenedTrace Kernel(string name, TraceOptions options)
    {
        TracedEvent[] events = [EventArgument.Resolve(name)];
        OpenedTrace trace = new(TraceOpening.Open(events, options, options.ProcessId, userSpaceOnly: false), events);
        string where = options.ProcessId is { } process ? $"of process {process}" : $"on CPU {trace.Reader.Cpus}";
        Diagnostics.Say($"no EVENT given: tracing {name} {where}.");
        return trace;
    }

    /// <summary>Samples one process in user space, where context switches can't be seen: they happen in the kernel.</summary>
    private static OpenedTrace UserSpace(TraceOptions options)
    {
        TracedEvent[] events = [EventArgument.Resolve(Clock)];
        int process = options.ProcessId ?? Environment.ProcessId;
        PerfEventReader reader = TraceOpening.Open(events, options, process, userSpaceOnly: true);
        if (options.ProcessId is not null)
        {
            Diagnostics.Say(
                $"no EVENT given: tracing {Clock} of process {process} in user space, a sample each millisecond that it computes.");
            return new OpenedTrace(reader, events);
        }

        Diagnostics.Say(
            $"no EVENT given: tracing {Clock} of this process itself, which computes a little to have something to see.");
        return new OpenedTrace(reader, events) { Activity = new OwnActivity() };
    }
}
