using System.Buffers;
using System.Globalization;
using System.Text;

namespace PerfRing.Cli.Output;

/// <summary>Text from records made harmless: a thread may have any name, a terminal's control codes included.</summary>
internal static class SafeText
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        "!#$%&'()*+,-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>The part of a field before the first NUL.</summary>
    internal static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return end < 0 ? bytes : bytes[..end];
    }

    /// <summary>Appends text for a terminal: bare where it is one plain word, else in quotes, with what could move the cursor
    /// or turn the writing around as \x and two hex digits.</summary>
    internal static void AppendWord(OutputBuffer output, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && text.IndexOfAnyExcept(Plain) < 0)
        {
            output.Append(text);
            return;
        }

        output.Append((byte)'"');
        while (!text.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(text, out Rune rune, out int length) == OperationStatus.Done;
            ReadOnlySpan<byte> bytes = text[..length];
            text = text[length..];
            if (valid && rune.Value is '"' or '\\')
                output.Append((byte)'\\');

            if (valid && IsVisible(rune))
                output.Append(bytes);
            else
                AppendEscaped(output, bytes);
        }

        output.Append((byte)'"');
    }

    /// <summary>Copies text, with U+FFFD for what is no UTF-8.</summary>
    /// <returns>The bytes of the copy, which is three times as long at most.</returns>
    internal static int CopyValid(ReadOnlySpan<byte> text, Span<byte> copy)
    {
        int written = 0;
        while (!text.IsEmpty)
        {
            // What can't be decoded comes as the replacement character already.
            Rune.DecodeFromUtf8(text, out Rune rune, out int length);
            text = text[length..];
            written += rune.EncodeToUtf8(copy[written..]);
        }

        return written;
    }

    private static void AppendEscaped(OutputBuffer output, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            output.Append("\\x"u8);
            output.AppendHex(value);
        }
    }

    /// <summary>Whether bytes are text: some, all of it valid, and nothing in it that moves a cursor but tabs and line
    /// breaks.</summary>
    internal static bool IsPlain(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return false;

        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out Rune rune, out int length) != OperationStatus.Done
                || !(IsVisible(rune) || rune.Value is '\t' or '\n' or '\r'))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
