namespace PerfRing;

/// <summary>A record that is held: its stamp, and where its copy is. In the order of stamps, and of arrival where those are
/// equal, since positions grow.</summary>
internal readonly record struct MergeEntry(ulong Time, ulong Position) : IComparable<MergeEntry>
{
    /// <inheritdoc/>
    public int CompareTo(MergeEntry other) =>
        Time != other.Time ? Time.CompareTo(other.Time) : Position.CompareTo(other.Position);

    internal bool IsBefore(in MergeEntry other) => Time < other.Time || (Time == other.Time && Position < other.Position);
}
