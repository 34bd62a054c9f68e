using System.Globalization;

namespace PerfRing.Cli.Values;

/// <summary>Durations as they are typed: <c>3s</c>, <c>500ms</c>, <c>100us</c>, <c>2m</c>, <c>1h</c>, <c>0.5s</c>.</summary>
internal static class DurationText
{
    /// <summary>What a timer of .NET still takes, rounded down to something that can be said.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1000);

    // A unit that ends like another stands before it.
    private static readonly (string Name, long Ticks)[] Units =
    [
        ("us", TimeSpan.TicksPerMicrosecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
    ];

    /// <exception cref="FormatException">The text is no duration above zero.</exception>
    internal static TimeSpan Parse(string text)
    {
        foreach ((string name, long ticks) in Units)
        {
            if (!text.EndsWith(name, StringComparison.Ordinal))
                continue;

            ReadOnlySpan<char> number = text.AsSpan(0, text.Length - name.Length);
            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
                break;

            // Compared before it is multiplied: the product of a huge number would overflow.
            if (value > (decimal)Longest.Ticks / ticks)
                throw new FormatException($"'{text}' is longer than {Longest.TotalHours} h");

            long duration = (long)(value * ticks);
            return duration > 0 ? new TimeSpan(duration) : throw new FormatException($"'{text}' is no time at all");
        }

        throw new FormatException($"'{text}' is no duration: a number and a unit of us, ms, s, m or h, such as 3s or 500ms");
    }
}
