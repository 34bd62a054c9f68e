using System.Text.Json;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.OwnRing;

/// <summary>Ticks as lines of JSON, with the properties of events.</summary>
internal sealed class JsonTickWriter(OutputBuffer output) : JsonLineWriter(output, stamped: false)
{
    private static readonly JsonEncodedText Event = JsonEncodedText.Encode(TickWriter.EventName);
    private static readonly JsonEncodedText Fields = JsonEncodedText.Encode("fields");
    private static readonly JsonEncodedText Number = JsonEncodedText.Encode("number");

    internal override void Sample(scoped in Record record)
    {
        Tick tick = Tick.Read(record.Payload);
        Begin(tick.Stamp, Event);
        Json.WriteStartObject(Fields);
        Json.WriteNumber(Number, tick.Number);
        Json.WriteEndObject();
        End();
    }
}
