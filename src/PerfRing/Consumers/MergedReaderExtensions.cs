namespace PerfRing;

/// <summary>Records of all rings of a reader in the order of their stamps.</summary>
public static class MergedReaderExtensions
{
    /// <summary>Merges the rings of a reader with the default options.</summary>
    /// <inheritdoc cref="Merged(RingReader, MergeOptions)"/>
    public static MergedReader Merged(this RingReader reader) => Merged(reader, new MergeOptions());

    /// <summary>Merges the rings of a reader.</summary>
    /// <param name="reader">Stays the caller's: disposing the merge does not dispose it.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">An option is out of range; or the records carry no stamp of CLOCK_MONOTONIC, or nothing says
    /// where.</exception>
    /// <exception cref="NotSupportedException">The reader overwrites.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public static MergedReader Merged(this RingReader reader, MergeOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return MergedReader.Over([reader], options);
    }
}
