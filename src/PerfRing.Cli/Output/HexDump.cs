namespace PerfRing.Cli.Output;

/// <summary>Bytes as lines of offset, bytes and characters.</summary>
internal static class HexDump
{
    private const int BytesPerLine = 16;
    private const int OffsetColumn = 4;
    private const int OffsetWidth = 4;
    private const int LongOffsetWidth = 8;

    internal static void Append(OutputBuffer output, ReadOnlySpan<byte> bytes)
    {
        // A record of a perf ring is shorter than 64 KiB, one of another ring may be as long as the ring.
        int width = bytes.Length <= 1 << (4 * OffsetWidth) ? OffsetWidth : LongOffsetWidth;
        for (int offset = 0; offset < bytes.Length; offset += BytesPerLine)
            AppendLine(output, width, offset, bytes.Slice(offset, Math.Min(BytesPerLine, bytes.Length - offset)));
    }

    private static void AppendLine(OutputBuffer output, int offsetWidth, int offset, ReadOnlySpan<byte> bytes)
    {
        // "    0000  00 01 02 …  |…|": the characters stand below each other, also at the end of a short last line.
        int bytesColumn = OffsetColumn + offsetWidth + 2;
        int textColumn = bytesColumn + 3 * BytesPerLine + 1;
        int end = textColumn + 1 + bytes.Length;
        Span<byte> line = output.GetSpan(end + 2)[..(end + 2)];
        line.Fill((byte)' ');
        for (int i = 0; i < offsetWidth / 2; i++)
            WriteHex(line[(OffsetColumn + 2 * i)..], (byte)(offset >> (4 * (offsetWidth - 2 - 2 * i))));

        for (int i = 0; i < bytes.Length; i++)
        {
            WriteHex(line[(bytesColumn + 3 * i)..], bytes[i]);
            line[textColumn + 1 + i] = bytes[i] is >= 0x20 and < 0x7f ? bytes[i] : (byte)'.';
        }

        line[textColumn] = line[end] = (byte)'|';
        line[end + 1] = (byte)'\n';
        output.Advance(end + 2);
    }

    private static void WriteHex(Span<byte> place, byte value)
    {
        ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
        place[0] = digits[value >> 4];
        place[1] = digits[value & 15];
    }
}
