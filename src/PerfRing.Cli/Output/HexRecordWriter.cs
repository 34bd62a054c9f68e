using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>The columns, and below them the payload as it lies in the ring: offset, bytes, characters.</summary>
internal sealed class HexRecordWriter(OutputBuffer output, TracedEvent[] events, LineStart lineStart) : RecordWriter(output)
{
    internal override bool IsLate
    {
        get => lineStart.IsLate;
        set => lineStart.IsLate = value;
    }

    internal override void Sample(scoped in Record record)
    {
        TracedEvent traced = TracedEvent.Of(record, events);

        // The kernel gives software events an empty payload where others in the ring have one.
        ReadOnlySpan<byte> payload = traced.IsSoftware ? default : record.Payload;
        lineStart.Append(record, traced);
        Output.Append((byte)' ');
        Output.Append((long)payload.Length);
        Output.Append(" bytes\n"u8);
        HexDump.Append(Output, payload);
    }

    internal override void Lost(scoped in Record record) => lineStart.AppendLost(record);

    internal override void Gap(scoped in Record record) => lineStart.AppendGap(record);

    internal override void Outage(scoped in Record record) => lineStart.AppendOutage(record);

    internal override void Throttle(scoped in Record record) => lineStart.AppendThrottle(record);
}
