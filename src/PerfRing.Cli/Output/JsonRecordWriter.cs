using System.Text.Json;
using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>One object a line: time, CPU, event and thread, and the fields of the event.</summary>
internal sealed class JsonRecordWriter(OutputBuffer output, TracedEvent[] events) : JsonLineWriter(output, stamped: true)
{
    private static readonly JsonEncodedText Fields = JsonEncodedText.Encode("fields");
    private static readonly JsonEncodedText InstructionPointer = JsonEncodedText.Encode("ip");
    private static readonly JsonEncodedText Address = JsonEncodedText.Encode("addr");

    internal override void Sample(scoped in Record record)
    {
        TracedEvent traced = TracedEvent.Of(record, events);
        Begin(record, traced.JsonName);
        WriteThread(record);
        Json.WriteStartObject(Fields);
        if (traced.IsSoftware)
        {
            WriteHex(InstructionPointer, record.InstructionPointer);
            if (traced.HasAddress)
                WriteHex(Address, record.Address);
        }

        ReadOnlySpan<byte> payload = record.Payload;
        foreach (EventField field in traced.Fields)
        {
            Json.WritePropertyName(field.JsonName);
            JsonFieldValue.Write(Json, field, payload);
        }

        Json.WriteEndObject();
        End();
    }

    private void WriteHex(JsonEncodedText name, ulong value)
    {
        Json.WritePropertyName(name);
        JsonFieldValue.WriteAddress(Json, value);
    }
}
