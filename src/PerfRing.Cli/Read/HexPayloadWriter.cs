using System.Text;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Read;

/// <summary>The CPU, where the ring belongs to one, the map's name and the length; below them the payload.</summary>
internal sealed class HexPayloadWriter(OutputBuffer output, string map) : RecordWriter(output)
{
    private readonly byte[] _map = Encoding.UTF8.GetBytes(map);

    internal override void Sample(scoped in Record record)
    {
        AppendCpu(record);
        Output.Append(_map);
        Output.Append((byte)' ');
        ReadOnlySpan<byte> payload = record.Payload;
        Output.Append((long)payload.Length);
        Output.Append(" bytes\n"u8);
        HexDump.Append(Output, payload);
    }

    internal override void Lost(scoped in Record record)
    {
        AppendCpu(record);
        Output.Append("LOST "u8);
        Output.Append(record.LostCount);
        Output.Append(" records\n"u8);
    }

    internal override void Gap(scoped in Record record)
    {
        AppendCpu(record);
        Output.Append("GAP of "u8);
        Output.Append(record.SkippedBytes);
        Output.Append(" bytes\n"u8);
    }

    internal override void Throttle(scoped in Record record)
    {
        // Programs are not throttled.
    }

    private void AppendCpu(scoped in Record record)
    {
        if (record.Cpu < 0)
            return;

        Output.Append((byte)'[');
        Output.AppendRight((ulong)record.Cpu, 3, (byte)'0');
        Output.Append("] "u8);
    }
}
