using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>The columns that every line of text begins with: time, CPU, process and thread, event.</summary>
internal sealed class LineStart(OutputBuffer output, TracedEvent[] events)
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;
    private const int SecondsWidth = 7;
    private const int CpuWidth = 3;
    private const int ThreadsWidth = 15;

    private readonly int _eventWidth = events.Max(e => e.NameBytes.Length);

    /// <summary>Whether lines say that their record came too late for its place.</summary>
    internal bool IsLate { get; set; }

    internal void Append(scoped in Record record, TracedEvent traced) => Append(RecordStamp.Of(record), traced);

    internal void Append(in RecordStamp stamp, TracedEvent traced)
    {
        AppendPlace(stamp.Time, stamp.Cpu);
        int start = output.Length;
        output.Append((long)stamp.ProcessId);
        output.Append((byte)'/');
        output.Append((long)stamp.ThreadId);
        output.PadTo(start, ThreadsWidth);
        output.Append((byte)' ');
        start = output.Length;
        output.Append(traced.NameBytes);
        output.PadTo(start, _eventWidth);
    }

    internal void AppendLost(scoped in Record record)
    {
        AppendPlace(record.Time, record.Cpu);
        output.Append("LOST "u8);
        output.Append(record.LostCount);
        output.Append(" records on cpu "u8);
        output.Append((long)record.Cpu);
        output.Append((byte)'\n');
    }

    internal void AppendGap(scoped in Record record)
    {
        AppendPlace(record.Time, record.Cpu);
        output.Append("GAP of "u8);
        output.Append(record.SkippedBytes);
        output.Append(" bytes on cpu "u8);
        output.Append((long)record.Cpu);
        output.Append((byte)'\n');
    }

    internal void AppendOutage(scoped in Record record)
    {
        CpuOutage outage = record.Outage;
        ulong length = outage.End!.Value - outage.Begin;
        AppendPlace(record.Time, record.Cpu);
        output.Append("OUTAGE of "u8);
        output.Append(length / NanosecondsPerSecond);
        output.Append((byte)'.');
        output.AppendRight(length % NanosecondsPerSecond, 9, (byte)'0');
        output.Append(" s on cpu "u8);
        output.Append((long)record.Cpu);
        output.Append((byte)'\n');
    }

    internal void AppendThrottle(scoped in Record record)
    {
        AppendPlace(record.Time, record.Cpu);
        output.Append(record.Kind == RecordKind.Throttle ? "THROTTLED on cpu "u8 : "UNTHROTTLED on cpu "u8);
        output.Append((long)record.Cpu);
        output.Append((byte)'\n');
    }

    /// <summary>Appends the time in seconds and the CPU only.</summary>
    private void AppendPlace(ulong time, int cpu)
    {
        output.AppendRight(time / NanosecondsPerSecond, SecondsWidth, (byte)' ');
        output.Append((byte)'.');
        output.AppendRight(time % NanosecondsPerSecond, 9, (byte)'0');
        output.Append(" ["u8);
        output.AppendRight((ulong)cpu, CpuWidth, (byte)'0');
        output.Append("] "u8);
        if (IsLate)
            output.Append("LATE "u8);
    }
}
