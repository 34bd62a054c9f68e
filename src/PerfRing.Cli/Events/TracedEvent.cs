using System.Text;
using System.Text.Json;

namespace PerfRing.Cli.Events;

/// <summary>An event that is traced, with everything about it that output repeats for each record.</summary>
internal sealed class TracedEvent
{
    internal TracedEvent(string name, PerfEventSource? source, SoftwareEvent? software)
    {
        Name = name;
        NameBytes = Encoding.UTF8.GetBytes(name);
        JsonName = JsonEncodedText.Encode(name);
        Source = source;
        IsSoftware = software is not null;
        HasAddress = software is SoftwareEvent.PageFaults or SoftwareEvent.MinorPageFaults or SoftwareEvent.MajorPageFaults;
        Fields = source?.Format is { } format
            ? [.. format.Fields.Where(field => !field.IsCommon).Select(field => new EventField(field))]
            : [];
    }

    /// <summary>Stands for a record whose event id is none of those that were opened.</summary>
    internal static TracedEvent Unknown { get; } = new("unknown", null, null);

    /// <summary>The event that wrote a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="events">Those that were opened, in the order of their sources.</param>
    internal static TracedEvent Of(scoped in Record record, TracedEvent[] events)
    {
        int source = record.SourceIndex;
        return (uint)source < (uint)events.Length ? events[source] : Unknown;
    }

    internal string Name { get; }

    internal byte[] NameBytes { get; }

    internal JsonEncodedText JsonName { get; }

    /// <summary>What makes the kernel write it; null where that is of no interest any more.</summary>
    internal PerfEventSource? Source { get; }

    /// <summary>Whether the kernel counts it itself: such events have an instruction, and no payload.</summary>
    internal bool IsSoftware { get; }

    /// <summary>Whether it has a data address: page faults do.</summary>
    internal bool HasAddress { get; }

    /// <summary>The tracepoint's own fields, without those that all tracepoints have.</summary>
    internal EventField[] Fields { get; }
}
