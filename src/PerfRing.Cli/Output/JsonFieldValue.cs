using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using PerfRing.Cli.Events;

namespace PerfRing.Cli.Output;

/// <summary>Values of tracepoint fields as JSON: numbers, strings, lists of numbers; bytes of unknown meaning as hex.</summary>
internal static class JsonFieldValue
{
    /// <summary>Text up to this length is made valid on the stack.</summary>
    private const int ShortText = 256;

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

        int longest = text.Length * 3;
        byte[]? rented = longest <= ShortText ? null : ArrayPool<byte>.Shared.Rent(longest);
        Span<byte> copy = rented ?? stackalloc byte[ShortText];
        json.WriteStringValue(copy[..SafeText.CopyValid(text, copy)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
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
        int length = front.Length + 2 * bytes.Length;
        byte[] text = ArrayPool<byte>.Shared.Rent(length);
        front.CopyTo(text);
        Convert.TryToHexStringLower(bytes, text.AsSpan(front.Length), out _);
        json.WriteStringValue(text.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(text);
    }
}
