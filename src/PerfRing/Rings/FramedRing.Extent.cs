using PerfRing.Abi;

namespace PerfRing;

internal abstract partial class FramedRing
{
    /// <summary>From one mark to the next, as a power of two.</summary>
    private const int MarkShift = 12;

    /// <summary>The end of the last extent, where no walk is needed to release.</summary>
    private ulong _extent;

    /// <summary>For each stretch of the ring the first record that the extents came to there: a release in the middle begins to
    /// walk at the last one before it.</summary>
    private ulong[] Marks => field ??= new ulong[Math.Max(1, Capacity >> MarkShift)];

    /// <summary>Whether the producer's position covers finished records only, so that no header has to be asked.</summary>
    private protected virtual bool IsWhollyPublished => false;

    internal override ulong Extent(ulong from, ulong most)
    {
        if (Corruption is not null)
            throw Corruption;

        _snapshot = TakeSnapshot();
        CheckSnapshot();
        if (from - _tail > _snapshot - _tail)
            throw Corrupt("the producer's position went back behind what it had written", _snapshot, _snapshot);

        _heldUp = _unsettled = false;
        if (IsWhollyPublished)
            return _extent = _snapshot;

        ulong position = from;
        ulong[] marks = Marks;
        ulong lastMark = (ulong)marks.Length - 1;

        // A record is expected to be like the one before, so that the look at the next need not wait for this one.
        uint expected = uint.MaxValue;
        uint size = 0;
        while (position != _snapshot && position - from < most)
        {
            uint word = LoadWord(position);
            if (word != expected)
            {
                // Those that were looked at before need no look again; the first one that is new may be waited for a moment.
                if ((word & RingBufferHeader.Busy) != 0 && (position != from || IsStillBusy(position, ref word)))
                {
                    _heldUp = true;
                    break;
                }

                size = Measure(position, _snapshot, word);
                if ((word & RingBufferHeader.Discard) != 0)
                    CountDiscarded(position, size);
                else
                    expected = word;
            }

            if (size > _snapshot - position)
                Measure(position, _snapshot, word);

            ulong next = position + size;
            if ((position ^ next) >> MarkShift != 0)
                marks[(next >> MarkShift) & lastMark] = next;

            position = next;
        }

        return _extent = position;
    }

    internal override bool TryFindPayload(ulong position, ulong extent, out uint size, out uint offset, out uint length)
    {
        uint word = LoadWord(position);
        size = Measure(position, extent, word);
        offset = RingBufferHeader.Size;

        // Taken back, or left behind by a producer that is gone.
        length = word <= RingBufferHeader.LengthMask ? word : 0;
        return true;
    }

    internal override uint LargestSize(ulong extent)
    {
        uint largest = 0;
        uint size;
        for (ulong position = _tail; (long)(extent - position) > 0; position += size)
        {
            size = RingBufferHeader.RecordSize(LoadWord(position));
            largest = Math.Max(largest, size);
        }

        return largest;
    }

    internal override void ReleaseTo(ulong position)
    {
        // The end of all, or of one record, is an end without a walk.
        ulong boundary = position == _extent || position == _tail + RingBufferHeader.RecordSize(LoadWord(_tail))
            ? position
            : LastEndBefore(position);
        _end = boundary;
        Publish(boundary);
    }

    /// <summary>The last end of a record at or before a position, which is the only place for the tail.</summary>
    private ulong LastEndBefore(ulong position)
    {
        // The walk stays before the extent, which was measured.
        ulong end = LastMarkBefore(position);
        uint expected = uint.MaxValue;
        uint size = 0;
        while (true)
        {
            uint word = LoadWord(end);
            if (word != expected)
            {
                expected = word;
                size = RingBufferHeader.RecordSize(word);
            }

            if (size > position - end)
                return end;

            end += size;
        }
    }

    private ulong LastMarkBefore(ulong position)
    {
        ulong[] marks = Marks;
        ulong last = (ulong)marks.Length - 1;
        for (ulong stretch = position >> MarkShift; stretch > _tail >> MarkShift; stretch--)
        {
            // A mark of another lap is none: it lies before the tail.
            ulong mark = marks[stretch & last];
            if (mark - _tail <= position - _tail)
                return mark;
        }

        return _tail;
    }
}
