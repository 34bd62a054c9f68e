using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using CommunityToolkit.HighPerformance.Buffers;
using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>Values of tracepoint fields as JSON: numbers, strings, lists of numbers; bytes of unknown meaning as hex.</summary>
internal static class JsonFieldValue
{
    internal static void Write(Utf8JsonWriter json, EventField field, ReadOnlySpan<byte> payload)
    {
        if (field.Field.TryReadInt64(payload, out long number))
            WriteNumber(json, field, number);
        else if (!field.Field.TryReadBytes(payload, out ReadOnlySpan<byte> bytes))
            json.WriteNullValue();
        else if (field.IsText)
            WriteText(json, SafeText.UpToNul(bytes));
        else if (field.IsList)
            WriteList(json, field, payload);
        else
            WriteHex(json, "0x"u8, bytes);
    }

    /// <summary>Writes an address as a string: in hex, and as a number it would lose its last digits in many a reader.</summary>
    internal static void WriteAddress(Utf8JsonWriter json, ulong value)
    {
        Span<byte> text = stackalloc byte[18];
        "0x"u8.CopyTo(text);
        Utf8Formatter.TryFormat(value, text[2..], out int length, 'x');
        json.WriteStringValue(text[..(length + 2)]);
    }

    private static void WriteNumber(Utf8JsonWriter json, EventField field, long number)
    {
        if (field.IsAddress)
            WriteAddress(json, unchecked((ulong)number));
        else if (field.Field.IsSigned)
            json.WriteNumberValue(number);
        else
            json.WriteNumberValue(unchecked((ulong)number));
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            json.WriteStringValue(text);
            return;
        }

        using SpanOwner<byte> copy = SpanOwner<byte>.Allocate(text.Length * 3);
        json.WriteStringValue(copy.Span[..SafeText.CopyValid(text, copy.Span)]);
    }

    private static void WriteList(Utf8JsonWriter json, EventField field, ReadOnlySpan<byte> payload)
    {
        json.WriteStartArray();
        for (int i = 0; field.Field.TryReadElement(payload, i, out long number); i++)
            WriteNumber(json, field, number);

        json.WriteEndArray();
    }

    /// <summary>Writes bytes as a string: what stands in front, and two digits for each.</summary>
    internal static void WriteHex(Utf8JsonWriter json, ReadOnlySpan<byte> front, ReadOnlySpan<byte> bytes)
    {
        using SpanOwner<byte> text = SpanOwner<byte>.Allocate(front.Length + 2 * bytes.Length);
        front.CopyTo(text.Span);
        Convert.TryToHexStringLower(bytes, text.Span[front.Length..], out _);
        json.WriteStringValue(text.Span);
    }
}
