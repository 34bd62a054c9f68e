namespace PerfRing;

/// <summary>A tracepoint's name in its two parts, <c>subsystem:name</c>, each safe to use as the name of a directory.</summary>
internal readonly record struct TracepointName(string Subsystem, string Name)
{
    /// <exception cref="ArgumentException">The text is not two names with one colon between them.</exception>
    internal static TracepointName Parse(string text, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !IsName(text.AsSpan(0, colon)) || !IsName(text.AsSpan(colon + 1)))
        {
            throw new ArgumentException(
                $"'{text}' is no tracepoint name: expected subsystem:name, such as sched:sched_switch, "
                + "of letters, digits, '_', '-' and '.'.",
                parameter);
        }

        return new TracepointName(text[..colon], text[(colon + 1)..]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Subsystem}:{Name}";

    // The parts become path components: no separator, and nothing that starts with a dot, so that none climbs out.
    private static bool IsName(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || part[0] == '.')
            return false;

        foreach (char c in part)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
                return false;
        }

        return true;
    }
}
