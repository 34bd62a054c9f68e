using PerfRing.Cli.Events;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.OwnRing;

/// <summary>Ticks as text or in hex, in the columns of events.</summary>
internal sealed class TickWriter : RecordWriter
{
    internal const string EventName = "perfring:tick";

    private static readonly TracedEvent Event = new(EventName, null, null);

    private readonly LineStart _lineStart;
    private readonly bool _isHex;

    private TickWriter(OutputBuffer output, bool isHex)
        : base(output)
    {
        _lineStart = new LineStart(output, [Event]);
        _isHex = isHex;
    }

    internal static RecordWriter Create(OutputFormat format, OutputBuffer output) =>
        format == OutputFormat.Json ? new JsonTickWriter(output) : new TickWriter(output, format == OutputFormat.Hex);

    internal override bool IsLate
    {
        get => _lineStart.IsLate;
        set => _lineStart.IsLate = value;
    }

    internal override void Sample(scoped in Record record)
    {
        Tick tick = Tick.Read(record.Payload);
        _lineStart.Append(tick.Stamp, Event);
        if (_isHex)
        {
            Output.Append((byte)' ');
            Output.Append((long)record.Payload.Length);
            Output.Append(" bytes\n"u8);
            HexDump.Append(Output, record.Payload);
            return;
        }

        Output.Append(" number="u8);
        Output.Append(tick.Number);
        Output.Append((byte)'\n');
    }

    // A ring of this process has records, and nothing else.
    internal override void Lost(scoped in Record record)
    {
    }

    internal override void Gap(scoped in Record record)
    {
    }

    internal override void Throttle(scoped in Record record)
    {
    }
}
