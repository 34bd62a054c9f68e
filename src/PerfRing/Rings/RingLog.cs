using System.Buffers;
using System.Runtime.CompilerServices;

namespace PerfRing;

/// <summary>The bytes of several rings as one stream to which slices are appended as they are found.</summary>
/// <remarks>
/// <code>
///   found at the first look     at the second     at the third
///   | A: 1st slice | B: 1st |   | A: 2nd slice |  | B: 2nd | ...
///        consumed ^      examined ^                        ^ end
/// </code>
/// A place in the log is one position of each ring: those of the slices before it, and of the slice that it is in. So what is
/// examined and consumed keeps its meaning when ring A gets new bytes after B was shown. A slice that is not consumed holds back
/// those behind it, also of other rings. Indexes of the log run on for ever.
/// </remarks>
internal sealed class RingLog
{
    /// <summary>How many segments rest before one of them is used again.</summary>
    private const int Resting = 16;

    private const ulong PieceAtATime = 64 * 1024;

    /// <summary>Bytes not examined that are enough for a result, so that the rings need no look.</summary>
    private const long Stock = 4096;

    private readonly PipeFraming _framing;
    private readonly Ring[] _rings;

    /// <summary>By ring: up to where it was appended, and up to where it is to be released.</summary>
    private readonly ulong[] _appended;
    private readonly ulong[] _released;
    private readonly Queue<RingSegment> _retired = new();
    private RingSegment? _first;
    private RingSegment? _last;

    /// <summary>Whether the last advance consumed something. Who consumes nothing waits for something else to come.</summary>
    private bool _isMoving;

    internal RingLog(Ring[] rings, PipeFraming framing)
    {
        _framing = framing;
        _rings = rings;
        _appended = new ulong[rings.Length];
        _released = new ulong[rings.Length];
        Restart();
    }

    /// <summary>The index of the first byte that is not consumed.</summary>
    internal long Consumed { get; private set; }

    /// <summary>The index of the first byte that was not looked at.</summary>
    internal long Examined { get; private set; }

    /// <summary>The index behind the last byte.</summary>
    internal long End { get; private set; }

    /// <summary>Whether a result may come without a look at the rings. It then holds the same as the last, but for what was
    /// consumed.</summary>
    internal bool IsWellStocked => _isMoving && End - Examined >= Stock;

    /// <summary>All bytes that are not consumed.</summary>
    internal ReadOnlySequence<byte> Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _first is null
            ? ReadOnlySequence<byte>.Empty
            : new ReadOnlySequence<byte>(_first, (int)(Consumed - _first.RunningIndex), _last!, _last!.Length);
    }

    /// <summary>Begins anew where the rings are: somebody else has read them meanwhile.</summary>
    internal void Restart()
    {
        while (_first is { } segment)
            Retire(segment);

        _last = null;
        _isMoving = false;
        Consumed = Examined = End;
        for (int i = 0; i < _rings.Length; i++)
            _appended[i] = _rings[i].Tail;
    }

    /// <summary>Appends what the rings have by now.</summary>
    /// <param name="everything">All of it; otherwise of each ring what stays in the cache until it is read. The rest comes with
    /// the next call.</param>
    /// <exception cref="RingCorruptedException">A ring holds what no producer can have written.</exception>
    internal void Append(bool everything)
    {
        _isMoving = false;
        for (int i = 0; i < _rings.Length; i++)
        {
            ulong end = _rings[i].Extent(_appended[i], everything ? ulong.MaxValue : PieceAtATime);
            if (_framing == PipeFraming.Payloads)
                AppendPayloads(i, end);

            while (_appended[i] != end)
                AppendPiece(i, end - _appended[i]);
        }
    }

    /// <summary>Marks what was looked at, and gives back what was consumed.</summary>
    /// <param name="consumed">At least <see cref="Consumed"/>.</param>
    /// <param name="examined">At least <paramref name="consumed"/>, at most <see cref="End"/>. It may go back, as with a
    /// Pipe.</param>
    internal void Advance(long consumed, long examined)
    {
        Examined = examined;
        _isMoving = consumed != Consumed;
        if (!_isMoving)
            return;

        Consumed = consumed;
        if (_first is { ReleaseTo: null } only && consumed < only.End)
        {
            // The common case: a part of one slice, so of one ring.
            _rings[only.Ring].ReleaseTo(only.Start + (ulong)(consumed - only.RunningIndex));
            return;
        }

        for (int i = 0; i < _rings.Length; i++)
            _released[i] = _rings[i].Tail;

        while (_first is { } segment && segment.End <= consumed)
        {
            _released[segment.Ring] = segment.ReleaseTo ?? segment.EndPosition;
            Retire(segment);
        }

        if (_first is { ReleaseTo: null } partly)
            _released[partly.Ring] = partly.Start + (ulong)(consumed - partly.RunningIndex);

        if (_first is null)
            _last = null;

        // Each position once, however many slices it was.
        for (int i = 0; i < _rings.Length; i++)
        {
            if (_released[i] != _rings[i].Tail)
                _rings[i].ReleaseTo(_released[i]);
        }
    }

    /// <summary>The index of a place that a user of <see cref="Bytes"/> names; -1 if it is none of this log's.</summary>
    internal long IndexOf(SequencePosition position) =>
        position.GetObject() is RingSegment { IsLive: true } segment && segment.Log == this
        && (uint)position.GetInteger() <= (uint)segment.Length
            ? segment.RunningIndex + position.GetInteger()
            : -1;

    /// <summary>The ring that is so full of bytes which were looked at and not consumed that its producer has no room for one
    /// more record like the largest of them; -1 if there is none.</summary>
    internal int FindTrapped()
    {
        for (int i = 0; i < _rings.Length; i++)
        {
            ulong held = _appended[i] - _rings[i].Tail;

            // Where there is as much room as is held, it is for more than one record, or for the first.
            ulong taken = held + _rings[i].KeptFree;
            if (taken > _rings[i].Capacity / 2 && taken + _rings[i].LargestSize(_appended[i]) > _rings[i].Capacity)
                return i;
        }

        return -1;
    }

    /// <summary>Appends the payloads of a ring's records, each by itself.</summary>
    private void AppendPayloads(int ring, ulong end)
    {
        Ring of = _rings[ring];
        while (_appended[ring] != end)
        {
            ulong at = _appended[ring];
            ulong next;
            uint offset = 0;
            uint length = 0;
            if (of.TryFindPayload(at, end, out uint size, out offset, out length))
            {
                next = at + size;
            }
            else
            {
                next = end;
                of.Losses.Skip(end - at);
            }

            if (length != 0)
                AppendPayload(ring, at, at + offset, length, next);
            else if (_last is { } last && last.Ring == ring && last.ReleaseTo == at)
                last.ReleaseTo = next;

            _appended[ring] = next;
        }

        // What nobody holds back, as there was nothing to show of it, needs no advance to be given back.
        if (_first is null && of.Tail != end)
            of.ReleaseTo(end);
    }

    private void AppendPayload(int ring, ulong record, ulong start, uint length, ulong next)
    {
        Ring of = _rings[ring];
        int first = (int)Math.Min(length, (uint)(of.Memory!.Memory.Length - of.OffsetOf(start)));
        if (first < length)
        {
            // It wraps: nothing is released for its first part.
            AppendSegment(ring, start, first, record);
            start += (ulong)first;
            length -= (uint)first;
        }

        AppendSegment(ring, start, (int)length, next);
    }

    private void AppendSegment(int ring, ulong start, int length, ulong? releaseTo)
    {
        RingSegment segment = Take();
        segment.Begin(this, ring, _rings[ring], start, length, End, releaseTo);
        _last?.Append(segment);
        _first ??= segment;
        _last = segment;
        End += length;
    }

    private void AppendPiece(int ring, ulong length)
    {
        Ring of = _rings[ring];
        ulong start = _appended[ring];
        int memory = of.Memory!.Memory.Length;

        // The memory may go on behind the end of the ring, where it is mapped twice.
        int room = _last is { } last && last.Ring == ring && last.EndPosition == start
            ? memory - of.OffsetOf(last.Start) - last.Length
            : 0;
        int piece = (int)Math.Min(length, (ulong)(room > 0 ? room : memory - of.OffsetOf(start)));
        if (room > 0)
        {
            _last!.Extend(of, piece);
            End += piece;
        }
        else
        {
            AppendSegment(ring, start, piece, releaseTo: null);
        }

        _appended[ring] += (ulong)piece;
    }

    private RingSegment Take() => _retired.Count > Resting ? _retired.Dequeue() : new RingSegment();

    private void Retire(RingSegment segment)
    {
        _first = segment.Following;
        segment.Retire();
        _retired.Enqueue(segment);
    }
}
