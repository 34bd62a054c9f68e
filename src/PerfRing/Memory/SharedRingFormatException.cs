namespace PerfRing;

/// <summary>A file or descriptor is no shared ring: not yet one, of another version or machine, damaged, or not sealed.</summary>
/// <remarks>The message names what is wrong and the remedy. A ring that is still being made is refused the same way: whoever
/// does not know that it is complete tries again.</remarks>
public sealed class SharedRingFormatException : PerfRingException
{
    internal SharedRingFormatException(string message)
        : base(message)
    {
    }
}
