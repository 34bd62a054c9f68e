namespace PerfRing;

/// <summary>A BPF ring buffer or a shared ring holds what no producer can have written.</summary>
/// <remarks>Another process stored into memory that belongs to the kernel, to a writer or to this reader: a second consumer of
/// the same BPF ring buffer, or a peer of a shared ring that is broken or hostile. Where the next record begins can't be known
/// any more, so the ring is finished: every read of its reader throws this again, also where that has other rings, and its counts
/// stay readable. A perf ring, where the
/// kernel itself can produce such content, reports a <see cref="RecordKind.Gap"/> and goes on instead.</remarks>
public sealed class RingCorruptedException : PerfRingException
{
    internal RingCorruptedException(string what, ulong position, ulong header)
        : base($"The ring is corrupted at position {position} (header 0x{header:x16}): {what}.")
    {
        Position = position;
        Header = header;
    }

    /// <summary>Where the impossible content is: bytes since the ring was made, as the positions count.</summary>
    public ulong Position { get; }

    /// <summary>The eight bytes that stand there, or the position that can't be.</summary>
    public ulong Header { get; }
}
