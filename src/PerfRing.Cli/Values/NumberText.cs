using System.Globalization;

namespace PerfRing.Cli.Values;

/// <summary>Counts and ids as they are typed: whole numbers from 1 on.</summary>
internal static class NumberText
{
    /// <exception cref="FormatException">The text is no such number.</exception>
    internal static int Parse(string text) => (int)Parse(text, int.MaxValue);

    /// <exception cref="FormatException">The text is no such number.</exception>
    internal static long ParseLong(string text) => Parse(text, long.MaxValue);

    private static long Parse(string text, long largest) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= 1 && value <= largest
            ? value
            : throw new FormatException($"'{text}' is no whole number from 1 to {largest}");
}
