using System.Diagnostics.Tracing;

namespace PerfRing;

/// <summary>Events of the life of consumers, for dotnet-trace and EventListener. Nothing is written for a record or a batch.</summary>
[EventSource(Name = RingMeter.Name)]
internal sealed class RingEventSource : EventSource
{
    internal static readonly RingEventSource Log = new();

    private RingEventSource()
    {
    }

    [Event(1, Level = EventLevel.Informational, Message = "Consumer thread {0} serves {1} rings on CPUs {2}")]
    internal void ConsumerThreadStarted(string name, int rings, string cpus) => WriteEvent(1, name, rings, cpus);

    [Event(2, Level = EventLevel.Informational, Message = "Consumer thread {0} has ended after {1} records and {2} wakeups")]
    internal void ConsumerThreadEnded(string name, long records, long wakeups) => WriteEvent(2, name, records, wakeups);

    [Event(3, Level = EventLevel.Error, Message = "Consumer thread {0} has failed: {1}")]
    internal void ConsumerThreadFailed(string name, string error) => WriteEvent(3, name, error);

    [Event(4, Level = EventLevel.Warning, Message = "A look at the CPUs of a reader has failed, and is tried again: {0}")]
    internal void CpuWatchFailed(string error) => WriteEvent(4, error);
}
