using PerfRing.Abi;

namespace PerfRing;

internal abstract partial class FramedRing
{
    /// <summary>The end of the last extent, where no walk is needed to release.</summary>
    private ulong _extent;

    internal override ulong Extent(ulong from)
    {
        if (Corruption is not null)
            throw Corruption;

        _snapshot = TakeSnapshot();
        CheckSnapshot();
        if (from - _tail > _snapshot - _tail)
            throw Corrupt("the producer's position went back behind what it had written", _snapshot, _snapshot);

        _heldUp = false;
        ulong position = from;
        while (position != _snapshot)
        {
            uint word = LoadWord(position);
            if ((word & RingBufferHeader.Busy) != 0)
            {
                // Those that were looked at before need no look again; the first one that is new may be waited for a moment.
                if (position != from || IsStillBusy(position, ref word))
                {
                    _heldUp = true;
                    break;
                }
            }

            uint size = Measure(position, _snapshot, word);
            if ((word & RingBufferHeader.Discard) != 0)
                CountDiscarded(position, size);

            position += size;
        }

        return _extent = position;
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
        ulong boundary = _tail;
        if (position == _extent)
        {
            boundary = position;
        }
        else
        {
            // Only the end of a record is a place for the tail. The walk stays before the extent, which was measured.
            while (true)
            {
                ulong next = boundary + RingBufferHeader.RecordSize(LoadWord(boundary));
                if ((long)(next - position) > 0)
                    break;

                boundary = next;
            }
        }

        _end = boundary;
        Publish(boundary);
    }
}
