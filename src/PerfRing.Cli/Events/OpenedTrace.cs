using PerfRing.Cli.Output;

namespace PerfRing.Cli.Events;

/// <summary>A reader with what prints its records; one of perf events waits to be enabled.</summary>
internal sealed class OpenedTrace : IDisposable
{
    private readonly Func<OutputFormat, OutputBuffer, RecordWriter> _createWriter;
    private readonly IDisposable? _activity;

    /// <param name="reader">Now owned here.</param>
    /// <param name="events">The events that write into its rings, in the order of their sources.</param>
    /// <param name="activity">What has to be done to have something to see; null where the system does enough by itself.</param>
    internal OpenedTrace(PerfEventReader reader, TracedEvent[] events, IDisposable? activity = null)
        : this(reader, (format, output) => RecordWriter.ForEvents(format, output, events), activity)
    {
    }

    /// <param name="reader">Now owned here.</param>
    /// <param name="createWriter">Makes what prints its records.</param>
    /// <param name="activity">What writes them.</param>
    internal OpenedTrace(RingReader reader, Func<OutputFormat, OutputBuffer, RecordWriter> createWriter, IDisposable? activity)
    {
        Reader = reader;
        _createWriter = createWriter;
        _activity = activity;
    }

    internal RingReader Reader { get; }

    internal RecordWriter CreateWriter(OutputFormat format, OutputBuffer output) => _createWriter(format, output);

    public void Dispose()
    {
        _activity?.Dispose();
        Reader.Dispose();
    }
}
