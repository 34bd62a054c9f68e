namespace PerfRing;

internal sealed unsafe partial class PerfEventRing
{
    /// <summary>Up to where the walk has shown the records of this batch.</summary>
    private ulong _walked;

    /// <summary>Up to where an earlier walk over this batch got.</summary>
    private ulong _furthest;

    /// <summary>Up to where loss notices were counted, so that a second walk over a batch does not count them again.</summary>
    private ulong _accounted;

    /// <summary>The position and address where the stretch that the enumerator walks begins.</summary>
    private ulong _stretch;
    private byte* _stretchStart;
    private ulong _stretchLength;

    // By their distance from the tail, as a damaged head may lie behind it; none of the two ever does.
    private ulong Furthest => _walked - _tail > _furthest - _tail ? _walked : _furthest;

    internal override void Restart()
    {
        _furthest = Furthest;
        _walked = _stretch = _tail;
        _stretchStart = _memory.Address(_tail);
        _stretchLength = 0;
        RestartNotices();
    }

    internal override void Visit(byte* position)
    {
        // SAFETY: an enumerator moves within the stretch that it was given, so this is a distance in it. One that was kept from
        // an earlier batch, and happens to stand at the same address, may have gone further: it does not count.
        ulong distance = (ulong)(position - _stretchStart);
        ulong walked = _stretch + distance;

        // What was released through a record of an earlier walk lies behind the tail by now.
        if (distance <= _stretchLength && walked - _tail <= _end - _tail)
            _walked = walked;
    }

    internal override bool Next(byte* position, ulong chunk, out Stretch stretch)
    {
        stretch = default;
        if (position != null)
            Visit(position);

        ulong at = _walked;
        if (TryShowNotice(at, ref stretch))
            return true;

        if (at == _end)
            return false;

        if (!_memory.TryMeasure(at, _end, out uint size, out RecordKind kind)
            || !_memory.TryShow(at, size, kind, ref stretch))
        {
            _memory.ShowGap(Skippable(at), ref stretch);
            SkipTo(at);
            size = 0;
            at = _end;
        }
        else
        {
            Account(at, size, kind);
        }

        // What follows is walked without asking as far as it is one piece. Only plain samples are: the fast path comes
        // back here for a record that wraps, for other kinds, and for anything that looks wrong.
        _walked = _stretch = at + size;
        _stretchStart = _memory.Address(_stretch);
        stretch.Origin = Origin;
        stretch.Next = _stretchStart;
        _stretchLength = Math.Min(Math.Min(_memory.Contiguous(_stretch, _end), chunk), BeforeNotice(_stretch));
        stretch.Limit = _stretchStart + _stretchLength;
        return true;
    }

    /// <summary>Counts a loss notice the first time that it passes.</summary>
    /// <returns>Whether the record is a loss notice.</returns>
    private bool Account(ulong position, uint size, RecordKind kind)
    {
        if (kind is not (RecordKind.Lost or RecordKind.LostSamples))
            return false;

        if (position - _tail >= _accounted - _tail)
        {
            _accounted = position + size;
            Losses.Notice(_memory.LossIn(position, size, kind));
        }

        return true;
    }

    /// <summary>Notes that everything from a position to the snapshot is suspect, and moves the batch's end behind it.</summary>
    private void SkipTo(ulong position)
    {
        // Never into the middle: the snapshot is a position at which the kernel began a record. (Of a staging ring it may be one at which
        // the payload of an oversized record looked like one.) That some of what lies before it may be whole can't be known, since an
        // oversized record overwrites unread ones.
        // What a gap that stayed in the ring was counted for already is not counted again when it has grown.
        ulong from = _accounted - _tail > position - _tail ? _accounted : position;
        if (from != _snapshot)
        {
            _accounted = _snapshot;
            Losses.Skip(Skippable(from));
        }

        _end = _snapshot;
    }

    /// <summary>The bytes between a position and the snapshot; a head that can't be is no measure of anything.</summary>
    private ulong Skippable(ulong position) => Math.Min(_snapshot - position, _memory.Size);
}
