using System.Text;
using CommunityToolkit.HighPerformance.Buffers;

namespace PerfRing;

public sealed partial class TracepointField
{
    /// <summary>Names of tasks have 15 bytes, and others that come again and again are not much longer. What a pool keeps has to
    /// be bounded.</summary>
    private const int LongestPooled = 128;

    /// <summary>For all fields, since the same tasks are in many of them. Not the process's shared one, from which others would
    /// push out names.</summary>
    private static readonly StringPool Pool = new();

    /// <summary>The text of the value, up to its first NUL. Allocates the string.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <returns>The text, read as UTF-8 with U+FFFD for what isn't; empty where the payload has none.</returns>
    /// <exception cref="InvalidOperationException">The field is a number; for a <c>const char *</c> that number is an address,
    /// and the text isn't in the record.</exception>
    public string ReadString(ReadOnlySpan<byte> payload) => Encoding.UTF8.GetString(TextIn(payload));

    /// <summary>The text of the value as <see cref="ReadString"/> gives it, for names that come again and again, such as
    /// <c>prev_comm</c>: a text that was read before is the same string again, and allocates nothing.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <returns>The text.</returns>
    /// <remarks>Any thread may call it; it takes a short lock. About 2,000 strings are kept, for all fields of the process together,
    /// those read last; one over 128 bytes is not kept and allocated each time.</remarks>
    /// <exception cref="InvalidOperationException">The field is a number, as for <see cref="ReadString"/>.</exception>
    public string ReadPooledString(ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> text = TextIn(payload);
        if (text.Length > LongestPooled)
            return Encoding.UTF8.GetString(text);

        // No more characters than bytes: U+FFFD stands for one byte at least.
        Span<char> characters = stackalloc char[LongestPooled];
        return Pool.GetOrAdd(characters[..Encoding.UTF8.GetChars(text, characters)]);
    }

    private ReadOnlySpan<byte> TextIn(ReadOnlySpan<byte> payload)
    {
        if (Kind == TracepointFieldKind.Integer)
            throw new InvalidOperationException($"Field {Name} ({TypeName}) is a number: its record holds no text to read.");

        ReadOnlySpan<byte> bytes = ReadBytes(payload);
        int end = bytes.IndexOf((byte)0);
        return end < 0 ? bytes : bytes[..end];
    }
}
