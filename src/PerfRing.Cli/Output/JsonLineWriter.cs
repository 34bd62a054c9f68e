using System.Text.Encodings.Web;
using System.Text.Json;
using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>One object a line, and the lines that are no records.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="stamped">Whether records carry their time and their thread.</param>
internal abstract class JsonLineWriter(OutputBuffer output, bool stamped) : RecordWriter(output)
{
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText Cpu = JsonEncodedText.Encode("cpu");
    private static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
    private static readonly JsonEncodedText ProcessId = JsonEncodedText.Encode("pid");
    private static readonly JsonEncodedText ThreadId = JsonEncodedText.Encode("tid");
    private static readonly JsonEncodedText LostEvent = JsonEncodedText.Encode("lost");
    private static readonly JsonEncodedText GapEvent = JsonEncodedText.Encode("gap");
    private static readonly JsonEncodedText OutageEvent = JsonEncodedText.Encode("outage");
    private static readonly JsonEncodedText OutageBegin = JsonEncodedText.Encode("begin");
    private static readonly JsonEncodedText OutageEnd = JsonEncodedText.Encode("end");
    private static readonly JsonEncodedText ThrottleEvent = JsonEncodedText.Encode("throttle");
    private static readonly JsonEncodedText UnthrottleEvent = JsonEncodedText.Encode("unthrottle");
    private static readonly JsonEncodedText Late = JsonEncodedText.Encode("late");
    private static readonly JsonEncodedText SkippedBytes = JsonEncodedText.Encode("skippedBytes");

    /// <summary>Whether records carry their time and their thread.</summary>
    protected bool IsStamped { get; } = stamped;

    /// <summary>Writes the line. It holds no memory of its own, only the output's.</summary>
    /// <remarks>The output is read as JSON, not put into a web page: names such as kworker/0:1+events stay legible.</remarks>
    protected Utf8JsonWriter Json { get; } = new(
        output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    internal override void Lost(scoped in Record record)
    {
        Begin(record, LostEvent);
        Json.WriteNumber(LostEvent, record.LostCount);
        End();
    }

    internal override void Gap(scoped in Record record)
    {
        Begin(record, GapEvent);
        Json.WriteNumber(SkippedBytes, record.SkippedBytes);
        End();
    }

    internal override void Outage(scoped in Record record)
    {
        Begin(record, OutageEvent);
        Json.WriteNumber(OutageBegin, record.Outage.Begin);
        Json.WriteNumber(OutageEnd, record.Outage.End!.Value);
        End();
    }

    internal override void Throttle(scoped in Record record)
    {
        Begin(record, record.Kind == RecordKind.Throttle ? ThrottleEvent : UnthrottleEvent);
        End();
    }

    protected void Begin(scoped in Record record, JsonEncodedText name)
    {
        Begin(record);
        Json.WriteString(Event, name);
    }

    /// <summary>Begins a record that has its stamp elsewhere than the kernel's.</summary>
    protected void Begin(in RecordStamp stamp, JsonEncodedText name)
    {
        Json.WriteStartObject();
        Json.WriteNumber(Time, stamp.Time);
        Json.WriteNumber(Cpu, stamp.Cpu);
        Json.WriteString(Event, name);
        Json.WriteNumber(ProcessId, stamp.ProcessId);
        Json.WriteNumber(ThreadId, stamp.ThreadId);
    }

    protected void Begin(scoped in Record record)
    {
        Json.WriteStartObject();

        // The kernel leaves no time where a gap is.
        if (IsStamped && record.Kind != RecordKind.Gap)
            Json.WriteNumber(Time, record.Time);

        // Some rings belong to no CPU.
        if (record.Cpu >= 0)
            Json.WriteNumber(Cpu, record.Cpu);
    }

    protected void WriteThread(scoped in Record record)
    {
        Json.WriteNumber(ProcessId, record.ProcessId);
        Json.WriteNumber(ThreadId, record.ThreadId);
    }

    protected void End()
    {
        if (IsLate)
            Json.WriteBoolean(Late, true);

        Json.WriteEndObject();
        Json.Flush();
        Json.Reset();
        Output.Append((byte)'\n');
    }
}
