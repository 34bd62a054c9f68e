using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>Turns records into output. Nothing is allocated for a record.</summary>
internal abstract class RecordWriter(OutputBuffer output)
{
    protected OutputBuffer Output { get; } = output;

    internal static RecordWriter Create(OutputFormat format, OutputBuffer output, TracedEvent[] events) => format switch
    {
        OutputFormat.Json => new JsonRecordWriter(output),
        OutputFormat.Hex => new HexRecordWriter(output, new LineStart(output, events)),
        _ => new TextRecordWriter(output, new LineStart(output, events)),
    };

    /// <summary>Appends one occurrence of an event.</summary>
    internal abstract void Sample(scoped in Record record, TracedEvent traced);

    /// <summary>Appends a place where records were lost.</summary>
    internal abstract void Lost(scoped in Record record);

    /// <summary>Appends a place where the ring's content was skipped.</summary>
    internal abstract void Gap(scoped in Record record);

    /// <summary>Appends where the kernel stopped an event that came too often, or let it go on. What it left out in between is
    /// counted nowhere.</summary>
    internal abstract void Throttle(scoped in Record record);
}
