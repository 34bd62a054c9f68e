using System.Buffers;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>A piece of one ring's memory in a sequence over ring memory.</summary>
/// <remarks>Segments are used again. <see cref="IsLive"/> tells a position in one that was released from one that is valid;
/// a segment rests for a while before it is used again, so that a stale position is noticed.</remarks>
internal sealed class RingSegment : ReadOnlySequenceSegment<byte>
{
    /// <summary>The log that it belongs to.</summary>
    internal RingLog? Log { get; private set; }

    /// <summary>The ring, by its index in the reader.</summary>
    internal int Ring { get; private set; }

    /// <summary>What the ring's records have in common.</summary>
    internal RecordOrigin Origin { get; private set; } = null!;

    /// <summary>The ring's position of the first byte.</summary>
    internal ulong Start { get; private set; }

    /// <summary>Bytes.</summary>
    internal int Length { get; private set; }

    /// <summary>Whether the segment is part of the log.</summary>
    internal bool IsLive { get; private set; }

    /// <summary>Where the next segment will begin.</summary>
    internal long End => RunningIndex + Length;

    /// <summary>The following segment of the log.</summary>
    internal RingSegment? Following => (RingSegment?)Next;

    /// <summary>The ring's position behind the last byte.</summary>
    internal ulong EndPosition => Start + (ulong)Length;

    /// <summary>Up to where the ring may be released once all of this is consumed; null for the end of the bytes. Then a part
    /// may be released, too.</summary>
    internal ulong? ReleaseTo { get; set; }

    internal void Begin(RingLog log, int ring, Ring of, ulong start, int length, long runningIndex, ulong? releaseTo = null)
    {
        ReleaseTo = releaseTo;
        Log = log;
        Ring = ring;
        Origin = of.Origin;
        Start = start;
        Length = length;
        RunningIndex = runningIndex;
        Memory = of.Memory!.Memory.Slice(of.OffsetOf(start), length);
        IsLive = true;
    }

    /// <summary>Grows over memory that follows in one piece.</summary>
    internal void Extend(Ring of, int length)
    {
        Length += length;
        Memory = of.Memory!.Memory.Slice(of.OffsetOf(Start), Length);
    }

    internal void Append(RingSegment next) => Next = next;

    /// <summary>Leaves the log.</summary>
    internal void Retire()
    {
        IsLive = false;
        Next = null;
        Memory = default;
    }
}
