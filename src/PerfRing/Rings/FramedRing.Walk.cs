using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

internal abstract unsafe partial class FramedRing
{
    /// <summary>Where the batch began.</summary>
    private ulong _batch;

    /// <summary>Up to where the walk has shown the records of this batch.</summary>
    private ulong _walked;

    /// <summary>Up to where an earlier walk over this batch got.</summary>
    private ulong _furthest;

    /// <summary>Up to where records that are passed over were counted, so that a second walk does not count them again.</summary>
    private ulong _accounted;

    /// <summary>The position and address where the stretch that the enumerator walks begins.</summary>
    private ulong _stretch;
    private byte* _stretchStart;
    private ulong _stretchLength;

    private ulong Furthest => (long)(_walked - _furthest) > 0 ? _walked : _furthest;

    internal override void Restart()
    {
        _furthest = Furthest;
        _walked = _stretch = _tail;
        _stretchStart = Address(_tail);
        _stretchLength = 0;
    }

    internal override void Visit(byte* position)
    {
        // SAFETY: an enumerator moves within the stretch that it was given, so this is a distance in it. One that was kept from
        // an earlier batch, and happens to stand at the same address, may have gone further: it does not count.
        ulong distance = (ulong)(position - _stretchStart);
        if (distance <= _stretchLength && (long)(_stretch + distance - _tail) >= 0)
            _walked = _stretch + distance;
    }

    internal override bool Next(byte* position, ulong chunk, out Stretch stretch)
    {
        stretch = default;
        if (position != null)
            Visit(position);

        while (_walked != _end)
        {
            uint word = LoadWord(_walked);
            if ((word & RingBufferHeader.Busy) != 0)
            {
                // The batch ends in front of it. The next one begins with it.
                _end = Furthest;
                return false;
            }

            uint size = Measure(_walked, _end, word);
            if ((word & RingBufferHeader.Discard) == 0)
            {
                Show(size, word, chunk, ref stretch);
                return true;
            }

            CountDiscarded(_walked, size);
            _walked += size;
        }

        return false;
    }

    private void Show(uint size, uint length, ulong chunk, ref Stretch stretch)
    {
        // SAFETY: the record lies before the snapshot, which is at most a ring's size from the tail, and the memory is there
        // twice: it is one piece, and so is everything up to the batch's end.
        stretch.Record = Address(_walked);
        stretch.Size = size;
        stretch.PayloadOffset = RingBufferHeader.Size;
        stretch.PayloadLength = length;
        stretch.Kind = RecordKind.Sample;
        stretch.Origin = Origin;

        // What follows is walked without asking. Plain records are: the fast path comes back here for one that is BUSY or
        // discarded, and for one that would leave the stretch.
        _walked += size;
        _stretch = _walked;
        _stretchStart = stretch.Record + size;
        _stretchLength = Math.Min(_end - _walked, chunk);
        stretch.Next = _stretchStart;
        stretch.Limit = _stretchStart + _stretchLength;
    }

    private void CountDiscarded(ulong position, uint size)
    {
        if ((long)(position - _accounted) < 0)
            return;

        _accounted = position + size;
        Losses.Discard();
    }
}
