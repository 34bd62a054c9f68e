namespace PerfRing;

/// <summary>What walks over the sequences of one reader share: what its records have in common, and a buffer for records in
/// pieces, which the walk that needs one takes along.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SequenceScratch(RecordOrigin[] origins)
{
    private const int SmallestBuffer = 4096;

    private byte[]? _spare;

    /// <summary>Of each ring.</summary>
    internal RecordOrigin[] Origins { get; } = origins;

    /// <summary>A pinned buffer.</summary>
    internal byte[] Take(int size) => Interlocked.Exchange(ref _spare, null) is { } spare && spare.Length >= size
        ? spare
        : GC.AllocateUninitializedArray<byte>(Math.Max(size, SmallestBuffer), pinned: true);

    /// <summary>Gives a buffer back for the next walk.</summary>
    internal void Give(byte[] buffer) => Volatile.Write(ref _spare, buffer);
}
