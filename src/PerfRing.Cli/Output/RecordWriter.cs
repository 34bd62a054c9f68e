using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>Turns records into output. Nothing is allocated for a record.</summary>
internal abstract class RecordWriter(OutputBuffer output)
{
    protected OutputBuffer Output { get; } = output;

    /// <summary>Whether what is appended next came too late for its place in the order of time.</summary>
    internal virtual bool IsLate { get; set; }

    /// <summary>What prints the records of perf events.</summary>
    internal static RecordWriter ForEvents(OutputFormat format, OutputBuffer output, TracedEvent[] events) => format switch
    {
        OutputFormat.Json => new JsonRecordWriter(output, events),
        OutputFormat.Hex => new HexRecordWriter(output, events, new LineStart(output, events)),
        _ => new TextRecordWriter(output, events, new LineStart(output, events)),
    };

    /// <summary>What prints what a BPF program wrote into a perf event array.</summary>
    internal static RecordWriter ForPayloads(OutputBuffer output, string map)
    {
        TracedEvent[] events = [new TracedEvent(map, null, null)];
        return new HexRecordWriter(output, events, new LineStart(output, events));
    }

    /// <summary>Appends one record.</summary>
    internal abstract void Sample(scoped in Record record);

    /// <summary>Appends a place where records were lost.</summary>
    internal abstract void Lost(scoped in Record record);

    /// <summary>Appends a place where the ring's content was skipped.</summary>
    internal abstract void Gap(scoped in Record record);

    /// <summary>Appends a time in which the CPU was offline. Only rings that belong to a CPU's events know of any.</summary>
    internal virtual void Outage(scoped in Record record)
    {
    }

    /// <summary>Appends where the kernel stopped an event that came too often, or let it go on. What it left out in between is
    /// counted nowhere.</summary>
    internal abstract void Throttle(scoped in Record record);
}
