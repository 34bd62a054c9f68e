using PerfRing.Abi;

namespace PerfRing;

internal sealed unsafe partial class PerfEventRing
{
    private const int GapSize = 64;

    /// <summary>Up to where the walk has shown the records of this batch.</summary>
    private ulong _walked;

    /// <summary>Up to where an earlier walk over this batch got.</summary>
    private ulong _furthest;

    /// <summary>Up to where loss notices were counted, so that a second walk over a batch does not count them again.</summary>
    private ulong _accounted;

    /// <summary>The position and address where the stretch that the enumerator walks begins.</summary>
    private ulong _stretch;
    private byte* _stretchStart;

    /// <summary>The end of the record of this batch that wraps, which is shown in the scratch buffer.</summary>
    private ulong _wrapEnd;

    private ulong Furthest => (long)(_walked - _furthest) > 0 ? _walked : _furthest;

    internal override void Restart()
    {
        _furthest = Furthest;
        _walked = _stretch = _tail;
        _stretchStart = Address(_tail);
    }

    internal override void Visit(byte* position)
    {
        // SAFETY: the enumerator moves within the stretch that it was given, so this is a distance in it.
        _walked = _stretch + (ulong)(position - _stretchStart);
    }

    internal override bool Next(byte* position, ulong chunk, out Stretch stretch)
    {
        stretch = default;
        if (position != null)
            Visit(position);

        ulong at = _walked;
        if (at == _end)
            return false;

        if (!TryMeasure(at, _end, out uint size, out RecordKind kind)
            || !TryShow(at, size, kind, ref stretch))
        {
            ShowGap(at, ref stretch);
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
        _stretchStart = Address(_stretch);
        ulong contiguous = Math.Min(_end - _stretch, _size - (_stretch & _mask));
        stretch.Origin = Origin;
        stretch.Next = _stretchStart;
        stretch.Limit = _stretchStart + Math.Min(contiguous, chunk);
        return true;
    }

    // SAFETY: the mask keeps the offset within the data pages.
    private byte* Address(ulong position) => _data + (position & _mask);

    /// <summary>Reads the header at a position and checks that a record can be there.</summary>
    private bool TryMeasure(ulong position, ulong end, out uint size, out RecordKind kind)
    {
        ulong left = end - position;
        size = 0;
        kind = default;
        if (((position | left) & 7) != 0 || left > _size)
            return false;

        // SAFETY: the position is 8-byte aligned and so is the end of the data pages: a header never straddles it. It is
        // read once.
        ulong header = *(ulong*)Address(position);
        size = (uint)(header >> 48);
        kind = (RecordKind)(uint)header;
        return size >= PerfEventHeader.Length && (size & 7) == 0 && size <= left;
    }

    /// <summary>Brings a record into one piece and checks its body.</summary>
    private bool TryShow(ulong position, uint size, RecordKind kind, ref Stretch stretch)
    {
        byte* record = Address(position);
        uint contiguous = (uint)Math.Min(size, _size - (position & _mask));
        if (contiguous < size)
        {
            record = PutTogether(record, contiguous, size);
            _wrapEnd = position + size;
        }

        stretch.Record = record;
        stretch.Size = size;
        stretch.Kind = kind;
        return kind switch
        {
            RecordKind.Sample =>
                Origin.Layout.TryLocatePayload(record, size, out stretch.PayloadOffset, out stretch.PayloadLength),
            RecordKind.Lost => size >= PerfEventHeader.Length + 16,
            RecordKind.LostSamples => size >= PerfEventHeader.Length + 8,

            // The kernel never writes our own kind: ring content of that type is damage.
            RecordKind.Gap => false,
            _ => true,
        };
    }

    private byte* PutTogether(byte* record, uint contiguous, uint size)
    {
        // SAFETY: size is at most the ring's size and at most 65,528, so it fits the scratch buffer; the first part ends
        // with the data pages, the second begins with them. The array is pinned.
        fixed (byte* scratch = _scratch)
        {
            Buffer.MemoryCopy(record, scratch, size, contiguous);
            Buffer.MemoryCopy(_data, scratch + contiguous, size - contiguous, size - contiguous);
            return scratch;
        }
    }

    /// <summary>Counts a loss notice the first time that it passes.</summary>
    /// <returns>Whether the record is a loss notice.</returns>
    private bool Account(ulong position, uint size, RecordKind kind)
    {
        if (kind is not (RecordKind.Lost or RecordKind.LostSamples))
            return false;

        if ((long)(position - _accounted) >= 0)
        {
            _accounted = position + size;
            uint word = kind == RecordKind.Lost ? 16u : 8u;

            // SAFETY: the word is aligned and within the ring, and masked should the record wrap.
            if (size >= word + 8)
                Losses.Notice(*(ulong*)Address(position + word));
        }

        return true;
    }

    /// <summary>Notes that everything from a position to the snapshot is suspect, and moves the batch's end behind it.</summary>
    private void SkipTo(ulong position)
    {
        // Never into the middle: the snapshot is a position at which the kernel began a record. That some of what lies
        // before it may be whole can't be known, since an oversized record overwrites unread ones.
        if ((long)(position - _accounted) >= 0)
        {
            _accounted = _snapshot;
            Losses.Skip(Math.Min(_snapshot - position, _size));
        }

        _end = _snapshot;
    }

    private void ShowGap(ulong position, ref Stretch stretch)
    {
        ulong skipped = Math.Min(_snapshot - position, _size);
        SkipTo(position);

        // SAFETY: the array is pinned and long enough for a header, one word and zeros where a trailer would be.
        fixed (byte* gap = _gap)
        {
            *(PerfEventHeader*)gap = new PerfEventHeader { Type = (uint)RecordKind.Gap, Size = GapSize };
            *(ulong*)(gap + PerfEventHeader.Length) = skipped;
            stretch.Record = gap;
        }

        stretch.Size = GapSize;
        stretch.Kind = RecordKind.Gap;
        stretch.PayloadOffset = stretch.PayloadLength = 0;
    }

    /// <summary>The position behind a record of this ring, wherever it is shown.</summary>
    private ulong PositionAfter(scoped in Record record)
    {
        if (record.Kind == RecordKind.Gap)
            return _snapshot;

        // SAFETY: only addresses are compared. A record in the scratch buffer is the one that wraps: it begins where it must
        // to reach the end of the data pages, which its size and the walk's positions tell.
        fixed (byte* scratch = _scratch)
        {
            if (record.Start == scratch)
                return _wrapEnd;
        }

        ulong offset = (ulong)(record.Start - _data);
        return _tail + ((offset - _tail) & _mask) + record.Size;
    }
}
