using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>The columns, and below them the payload as it lies in the ring: offset, bytes, characters.</summary>
internal sealed class HexRecordWriter(OutputBuffer output, TracedEvent[] events, LineStart lineStart) : RecordWriter(output)
{
    private const int BytesPerLine = 16;
    private const int OffsetColumn = 4;
    private const int BytesColumn = OffsetColumn + 6;
    private const int TextColumn = BytesColumn + 3 * BytesPerLine + 1;
    private const int LineLength = TextColumn + 1 + BytesPerLine + 2;

    internal override void Sample(scoped in Record record)
    {
        TracedEvent traced = TracedEvent.Of(record, events);
        // The kernel gives software events an empty payload where others in the ring have one.
        ReadOnlySpan<byte> payload = traced.IsSoftware ? default : record.Payload;
        lineStart.Append(record, traced);
        Output.Append((byte)' ');
        Output.Append((long)payload.Length);
        Output.Append(" bytes\n"u8);
        for (int offset = 0; offset < payload.Length; offset += BytesPerLine)
            AppendLine(offset, payload.Slice(offset, Math.Min(BytesPerLine, payload.Length - offset)));
    }

    internal override void Lost(scoped in Record record) => lineStart.AppendLost(record);

    internal override void Gap(scoped in Record record) => lineStart.AppendGap(record);

    internal override void Throttle(scoped in Record record) => lineStart.AppendThrottle(record);

    private void AppendLine(int offset, ReadOnlySpan<byte> bytes)
    {
        // "    0000  00 01 02 …  |…|": the characters stand below each other, also at the end of a short last line.
        Span<byte> line = Output.GetSpan(LineLength)[..LineLength];
        line.Fill((byte)' ');
        WriteHex(line[OffsetColumn..], (byte)(offset >> 8));
        WriteHex(line[(OffsetColumn + 2)..], (byte)offset);
        for (int i = 0; i < bytes.Length; i++)
        {
            WriteHex(line[(BytesColumn + 3 * i)..], bytes[i]);
            line[TextColumn + 1 + i] = bytes[i] is >= 0x20 and < 0x7f ? bytes[i] : (byte)'.';
        }

        int end = TextColumn + 1 + bytes.Length;
        line[TextColumn] = line[end] = (byte)'|';
        line[end + 1] = (byte)'\n';
        Output.Advance(end + 2);
    }

    private static void WriteHex(Span<byte> place, byte value)
    {
        ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
        place[0] = digits[value >> 4];
        place[1] = digits[value & 15];
    }
}
