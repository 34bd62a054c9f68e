using System.Text.Encodings.Web;
using System.Text.Json;
using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>One object a line.</summary>
internal sealed class JsonRecordWriter(OutputBuffer output, TracedEvent[] events) : RecordWriter(output), IDisposable
{
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText Cpu = JsonEncodedText.Encode("cpu");
    private static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
    private static readonly JsonEncodedText ProcessId = JsonEncodedText.Encode("pid");
    private static readonly JsonEncodedText ThreadId = JsonEncodedText.Encode("tid");
    private static readonly JsonEncodedText Fields = JsonEncodedText.Encode("fields");
    private static readonly JsonEncodedText InstructionPointer = JsonEncodedText.Encode("ip");
    private static readonly JsonEncodedText Address = JsonEncodedText.Encode("addr");
    private static readonly JsonEncodedText LostEvent = JsonEncodedText.Encode("lost");
    private static readonly JsonEncodedText GapEvent = JsonEncodedText.Encode("gap");
    private static readonly JsonEncodedText ThrottleEvent = JsonEncodedText.Encode("throttle");
    private static readonly JsonEncodedText UnthrottleEvent = JsonEncodedText.Encode("unthrottle");
    private static readonly JsonEncodedText SkippedBytes = JsonEncodedText.Encode("skippedBytes");

    // The output is read as JSON, not put into a web page: names such as kworker/0:1+events stay legible.
    private readonly Utf8JsonWriter _json = new(
        output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    internal override void Sample(scoped in Record record)
    {
        TracedEvent traced = TracedEvent.Of(record, events);
        Begin(record, traced.JsonName);
        _json.WriteNumber(ProcessId, record.ProcessId);
        _json.WriteNumber(ThreadId, record.ThreadId);
        _json.WriteStartObject(Fields);
        if (traced.IsSoftware)
        {
            WriteHex(InstructionPointer, record.InstructionPointer);
            if (traced.HasAddress)
                WriteHex(Address, record.Address);
        }

        ReadOnlySpan<byte> payload = record.Payload;
        foreach (EventField field in traced.Fields)
        {
            _json.WritePropertyName(field.JsonName);
            JsonFieldValue.Write(_json, field, payload);
        }

        _json.WriteEndObject();
        End();
    }

    internal override void Lost(scoped in Record record)
    {
        Begin(record, LostEvent);
        _json.WriteNumber(LostEvent, record.LostCount);
        End();
    }

    internal override void Gap(scoped in Record record)
    {
        Begin(record, GapEvent);
        _json.WriteNumber(SkippedBytes, record.SkippedBytes);
        End();
    }

    internal override void Throttle(scoped in Record record)
    {
        Begin(record, record.Kind == RecordKind.Throttle ? ThrottleEvent : UnthrottleEvent);
        End();
    }

    public void Dispose() => _json.Dispose();

    private void Begin(scoped in Record record, JsonEncodedText name)
    {
        _json.WriteStartObject();

        // The kernel leaves no time where a gap is.
        if (record.Kind != RecordKind.Gap)
            _json.WriteNumber(Time, record.Time);

        _json.WriteNumber(Cpu, record.Cpu);
        _json.WriteString(Event, name);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        Output.Append((byte)'\n');
    }

    private void WriteHex(JsonEncodedText name, ulong value)
    {
        _json.WritePropertyName(name);
        JsonFieldValue.WriteAddress(_json, value);
    }
}
