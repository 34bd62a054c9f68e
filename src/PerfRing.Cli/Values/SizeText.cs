using System.Globalization;

namespace PerfRing.Cli.Values;

/// <summary>Sizes in bytes as they are typed: <c>4096</c>, <c>512K</c>, <c>1M</c>, <c>1G</c>, in powers of 1024.</summary>
internal static class SizeText
{
    /// <summary>The largest ring that the library opens.</summary>
    private const long Largest = 1 << 30;

    /// <exception cref="FormatException">The text is no size from 1 byte to 1 GiB.</exception>
    internal static int Parse(string text)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            _ => 0,
        };
        ReadOnlySpan<char> number = shift == 0 ? text : text.AsSpan(0, text.Length - 1);
        if (!ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
            throw new FormatException($"'{text}' is no size: a number of bytes, or one followed by K, M or G, such as 512K");

        return value >= 1 && value <= (ulong)(Largest >> shift)
            ? (int)(value << shift)
            : throw new FormatException($"'{text}' is outside of 1 byte to 1G");
    }
}
