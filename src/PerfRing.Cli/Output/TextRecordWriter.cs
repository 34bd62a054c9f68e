using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>One line a record: the columns, then the fields as <c>name=value</c>.</summary>
internal sealed class TextRecordWriter(OutputBuffer output, TracedEvent[] events, LineStart lineStart) : RecordWriter(output)
{
    internal override bool IsLate
    {
        get => lineStart.IsLate;
        set => lineStart.IsLate = value;
    }

    internal override void Sample(scoped in Record record)
    {
        TracedEvent traced = TracedEvent.Of(record, events);
        lineStart.Append(record, traced);
        ReadOnlySpan<byte> payload = record.Payload;
        foreach (EventField field in traced.Fields)
        {
            Output.Append((byte)' ');
            Output.Append(field.NameBytes);
            Output.Append((byte)'=');
            AppendValue(field, payload);
        }

        if (traced.IsSoftware)
        {
            Output.Append(" ip="u8);
            Output.AppendHex(record.InstructionPointer);
            if (traced.HasAddress)
            {
                Output.Append(" addr="u8);
                Output.AppendHex(record.Address);
            }
        }

        Output.Append((byte)'\n');
    }

    internal override void Lost(scoped in Record record) => lineStart.AppendLost(record);

    internal override void Gap(scoped in Record record) => lineStart.AppendGap(record);

    internal override void Outage(scoped in Record record) => lineStart.AppendOutage(record);

    internal override void Throttle(scoped in Record record) => lineStart.AppendThrottle(record);

    private void AppendValue(EventField field, ReadOnlySpan<byte> payload)
    {
        if (field.Field.TryReadInt64(payload, out long number))
        {
            AppendNumber(field, number);
            return;
        }

        if (!field.Field.TryReadBytes(payload, out ReadOnlySpan<byte> bytes))
            Output.Append((byte)'?');
        else if (field.IsText)
            SafeText.AppendWord(Output, SafeText.UpToNul(bytes));
        else if (field.IsList)
            AppendList(field, payload);
        else
            AppendBytes(bytes);
    }

    private void AppendNumber(EventField field, long number)
    {
        if (field.IsAddress)
            Output.AppendHex(unchecked((ulong)number));
        else if (field.Field.IsSigned)
            Output.Append(number);
        else
            Output.Append(unchecked((ulong)number));
    }

    private void AppendList(EventField field, ReadOnlySpan<byte> payload)
    {
        Output.Append((byte)'[');
        for (int i = 0; field.Field.TryReadElement(payload, i, out long number); i++)
        {
            if (i > 0)
                Output.Append((byte)',');

            AppendNumber(field, number);
        }

        Output.Append((byte)']');
    }

    private void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        Output.Append("0x"u8);
        foreach (byte value in bytes)
            Output.AppendHex(value);
    }
}
