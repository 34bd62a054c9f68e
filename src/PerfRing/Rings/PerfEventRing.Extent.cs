using PerfRing.Memory;

namespace PerfRing;

internal sealed partial class PerfEventRing
{
    /// <summary>The end of the last extent, where no walk is needed to release.</summary>
    private ulong _extent;

    internal override MappedMemory Memory => field ??= _memory.AsMemory(_mapping);

    /// <remarks>The kernel moves its position only over whole records. What an oversized BPF record left among them is for
    /// whoever parses the bytes to find.</remarks>
    internal override ulong Extent(ulong from, ulong most)
    {
        ulong head = _cursor.LoadProducer();
        if (head - _tail > _memory.Size || head - _tail < from - _tail || (head & 7) != 0)
            throw new RingCorruptedException("the kernel's position is no place behind the consumer's", head, head);

        return _extent = head;
    }

    internal override bool TryFindPayload(ulong position, ulong extent, out uint size, out uint offset, out uint length)
    {
        Stretch stretch = default;
        bool possible = _memory.TryMeasure(position, extent, out size, out RecordKind kind)
            && _memory.TryShow(position, size, kind, ref stretch);
        offset = stretch.PayloadOffset;
        length = possible ? stretch.PayloadLength : 0;
        return possible;
    }

    internal override uint LargestSize(ulong extent)
    {
        uint largest = 0;
        for (ulong position = _tail; _memory.TryMeasure(position, extent, out uint size, out _); position += size)
            largest = Math.Max(largest, size);

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
            // Only the end of a record is a place for the tail. Where there are no records, one place is as good as another.
            while (boundary != position)
            {
                if (!_memory.TryMeasure(boundary, _extent, out uint size, out _))
                {
                    boundary = position & ~7ul;
                    break;
                }

                if (size > position - boundary)
                    break;

                boundary += size;
            }
        }

        _end = _snapshot = boundary;
        Publish(boundary);
    }
}
