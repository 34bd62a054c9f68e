namespace PerfRing;

/// <summary>What the slow path of the enumerator hands to the fast path: one record that it looked at closely, and the memory
/// behind it in which plain samples may be walked without asking again.</summary>
// SAFETY: made by a ring, which has checked that the record may be read and that next to limit is its own memory.
internal unsafe struct Stretch
{
    /// <summary>The record to show, in the ring or, if it wraps, in the scratch buffer.</summary>
    internal byte* Record;

    internal uint Size;
    internal uint PayloadOffset;
    internal uint PayloadLength;
    internal RecordKind Kind;
    internal RecordOrigin Origin;

    /// <summary>Where the next record begins.</summary>
    internal byte* Next;

    /// <summary>The end of the memory behind <see cref="Next"/> that is one piece and belongs to this batch.</summary>
    internal byte* Limit;
}
