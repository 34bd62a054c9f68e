namespace PerfRing.Cli.Events;

/// <summary>A reader that waits to be enabled, and the events that write into its rings, in the order of their sources.</summary>
internal sealed class OpenedTrace(PerfEventReader reader, TracedEvent[] events) : IDisposable
{
    internal PerfEventReader Reader { get; } = reader;

    internal TracedEvent[] Events { get; } = events;

    /// <summary>What has to be done to have something to see; null where the system does enough by itself.</summary>
    internal OwnActivity? Activity { get; init; }

    public void Dispose()
    {
        Activity?.Dispose();
        Reader.Dispose();
    }
}
