namespace PerfRing;

/// <summary>A ring holds what no correct producer or consumer leaves there. Nothing beyond that place can be trusted.</summary>
/// <remarks>Memory outside the ring was neither read nor written.</remarks>
public sealed class RingCorruptedException : PerfRingException
{
    /// <param name="what">What is wrong, as a sentence.</param>
    /// <param name="position">Where.</param>
    /// <param name="header">What was found there.</param>
    internal RingCorruptedException(string what, ulong position, ulong header)
        : base($"{what} (position {position}, found 0x{header:x16})")
    {
        Position = position;
        Header = header;
    }

    /// <summary>The position in the ring, counted in bytes since it was made.</summary>
    public ulong Position { get; }

    /// <summary>The record header, or the other word, that was found.</summary>
    public ulong Header { get; }
}
