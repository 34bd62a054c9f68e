using System.Globalization;

namespace PerfRing.Cli.Values;

/// <summary>Counts and ids as they are typed: whole numbers from 1 on.</summary>
internal static class NumberText
{
    /// <exception cref="FormatException">The text is no such number.</exception>
    internal static int Parse(string text) => (int)Parse(text, int.MaxValue);

    /// <exception cref="FormatException">The text is no such number.</exception>
    internal static long ParseLong(string text) => Parse(text, long.MaxValue);

    /// <summary>A place in a list, which may be 0.</summary>
    /// <exception cref="FormatException">The text is no such number.</exception>
    internal static int ParseIndex(string text) => (int)Parse(text, int.MaxValue, least: 0);

    private static long Parse(string text, long largest, long least = 1) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= least && value <= largest
            ? value
            : throw new FormatException($"'{text}' is no whole number from {least} to {largest}");
}
