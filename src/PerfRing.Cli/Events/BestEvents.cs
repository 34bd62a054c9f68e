using PerfRing.Cli.OwnRing;
using PerfRing.Cli.Trace;

namespace PerfRing.Cli.Events;

/// <summary>The most telling events that this machine and this user's rights allow, where none were named.</summary>
internal static class BestEvents
{
    private const string Tracepoint = "sched:sched_switch";
    private const string ContextSwitches = "context-switches";
    private const string Clock = "cpu-clock";

    /// <exception cref="CommandFailure">An option does not go with what is left to trace.</exception>
    /// <exception cref="PerfRingException">The process that was named can't be watched, or there is too little
    /// memory.</exception>
    internal static OpenedTrace Open(TraceOptions options) =>
        Try(() => Kernel(Tracepoint, options), Tracepoint)
        ?? Try(() => Kernel(ContextSwitches, options), ContextSwitches)
        ?? (options.ProcessId is { } process
            ? OtherProcess(options, process)
            : Try(() => OwnProcess(options), $"{Clock} of this process") ?? OwnMemory(options));

    /// <summary>Null, and the reason on stderr, where the next best may still work.</summary>
    private static OpenedTrace? Try(Func<OpenedTrace> open, string name)
    {
        try
        {
            return open();
        }
        catch (PerfRingException e) when (e is TracingUnavailableException or TracepointNotFoundException
            || e is SystemCallException refused && (PermissionDenied.Is(refused) || IsNotOffered(refused)))
        {
            Diagnostics.Say($"not {name}: {e.Message}");
            return null;
        }
    }

    /// <summary>Whether the kernel, or what stands between it and a container, has no such events at all.</summary>
    private static bool IsNotOffered(SystemCallException e) =>
        e is { Call: "perf_event_open", ErrnoName: "ENOSYS" or "ENOENT" or "ENODEV" or "EOPNOTSUPP" };

    private static OpenedTrace Kernel(string name, TraceOptions options)
    {
        TracedEvent[] events = [EventArgument.Resolve(name)];
        PerfEventReader reader = TraceOpening.Open(events, options, options.ProcessId, userSpaceOnly: false);
        string where = options.ProcessId is { } process ? $"of process {process}" : $"on CPU {reader.Cpus}";
        Diagnostics.Say($"no EVENT given: tracing {name} {where}.");
        return new OpenedTrace(reader, events);
    }

    /// <summary>Samples a process in user space, where context switches can't be seen: they happen in the kernel.</summary>
    private static OpenedTrace OtherProcess(TraceOptions options, int process)
    {
        TracedEvent[] events = [EventArgument.Resolve(Clock)];
        PerfEventReader reader = TraceOpening.Open(events, options, process, userSpaceOnly: true);
        Diagnostics.Say(
            $"no EVENT given: tracing {Clock} of process {process} in user space, a sample each millisecond that it computes.");
        return new OpenedTrace(reader, events);
    }

    private static OpenedTrace OwnProcess(TraceOptions options)
    {
        TracedEvent[] events = [EventArgument.Resolve(Clock)];
        PerfEventReader reader = TraceOpening.Open(events, options, Environment.ProcessId, userSpaceOnly: true);
        Diagnostics.Say(
            $"no EVENT given: tracing {Clock} of this process itself, which computes a little to have something to see.");
        return new OpenedTrace(reader, events, new OwnActivity());
    }

    /// <summary>No event of the kernel's at all: a ring works without it.</summary>
    private static OpenedTrace OwnMemory(TraceOptions options)
    {
        TickingRing ring = new(options.BufferSize);
        try
        {
            SharedRingReader reader = ring.OpenReader(TraceOpening.WakeupFor(options));
            Diagnostics.Say(
                "the kernel allows no event at all: showing a ring in memory, into which this process itself writes "
                + $"{TickWriter.EventName}.");
            return new OpenedTrace(reader, TickWriter.Create, ring);
        }
        catch (ArgumentException e)
        {
            ring.Dispose();
            throw new CommandFailure(ExitCode.Usage, e.Message, e);
        }
    }
}
