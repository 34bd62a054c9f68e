using System.Text.Json;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Read;

/// <summary>One object a line: where the ring says it the time, the CPU and the thread; the map, the length, the payload as hex,
/// and as text where it is text.</summary>
/// <remarks>Text is what is valid UTF-8 without control characters but tab and line breaks, up to the NULs that may fill the
/// end.</remarks>
internal sealed class JsonPayloadWriter(OutputBuffer output, string map, bool stamped) : JsonLineWriter(output, stamped)
{
    private static readonly JsonEncodedText Map = JsonEncodedText.Encode("map");
    private static readonly JsonEncodedText PayloadLength = JsonEncodedText.Encode("length");
    private static readonly JsonEncodedText Hex = JsonEncodedText.Encode("hex");
    private static readonly JsonEncodedText Text = JsonEncodedText.Encode("text");

    private readonly JsonEncodedText _map = JsonEncodedText.Encode(map);

    internal override void Sample(scoped in Record record)
    {
        ReadOnlySpan<byte> payload = record.Payload;
        Begin(record);
        if (IsStamped)
            WriteThread(record);

        Json.WriteString(Map, _map);
        Json.WriteNumber(PayloadLength, payload.Length);
        Json.WritePropertyName(Hex);
        JsonFieldValue.WriteHex(Json, ""u8, payload);
        ReadOnlySpan<byte> text = payload.TrimEnd((byte)0);
        if (SafeText.IsPlain(text))
            Json.WriteString(Text, text);

        End();
    }
}
