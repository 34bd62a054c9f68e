using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>The data pages of a perf ring: measures, checks and shows the record at a position, whatever is there.</summary>
internal sealed unsafe class PerfRecordMemory
{
    /// <summary>The largest record: perf_event_header.size has 16 bits, and records are multiples of 8.</summary>
    private const int LargestRecord = 65_528;

    private const int GapSize = 64;

    private readonly SampleLayout _layout;
    private readonly byte* _data;
    private readonly ulong _mask;

    /// <summary>Where a record that wraps is put together. Pinned, so that it has an address like ring memory.</summary>
    private readonly byte[] _scratch;

    /// <summary>Where a <see cref="RecordKind.Gap"/> is made.</summary>
    private readonly byte[] _gap = GC.AllocateArray<byte>(GapSize, pinned: true);

    /// <summary>The end of the record in the scratch buffer. A batch holds at most one that wraps.</summary>
    private ulong _scratchEnd;

    /// <param name="mapping">The whole mapping; the ring that owns it keeps it alive.</param>
    /// <param name="pageSize">Bytes in front of the records.</param>
    /// <param name="layout">Where the fields of a sample are.</param>
    internal PerfRecordMemory(Mapping mapping, int pageSize, SampleLayout layout)
    {
        // SAFETY: the records follow the first page, to the mapping's end.
        _data = mapping.Address + pageSize;
        Size = mapping.Length - (nuint)pageSize;
        _mask = Size - 1;
        _layout = layout;
        _scratch = GC.AllocateUninitializedArray<byte>((int)Math.Min(Size, LargestRecord), pinned: true);
    }

    /// <summary>The data pages.</summary>
    internal MappedMemory AsMemory(Mapping mapping) => new(mapping, _data, (int)Size);

    /// <summary>Bytes for records; a power of two.</summary>
    internal ulong Size { get; }

    // SAFETY: the mask keeps the offset within the data pages.
    internal byte* Address(ulong position) => _data + (position & _mask);

    /// <summary>How much of what lies between two positions is in one piece from the first on.</summary>
    internal ulong Contiguous(ulong position, ulong end) => Math.Min(end - position, Size - (position & _mask));

    /// <summary>Reads the header at a position and checks that a record can be there.</summary>
    internal bool TryMeasure(ulong position, ulong end, out uint size, out RecordKind kind)
    {
        ulong left = end - position;
        size = 0;
        kind = default;
        if (((position | left) & 7) != 0 || left > Size || left == 0)
            return false;

        // SAFETY: the position is 8-byte aligned and so is the end of the data pages: a header never straddles it. It is
        // read once.
        ulong header = *(ulong*)Address(position);
        size = (uint)(header >> 48);
        kind = (RecordKind)(uint)header;
        return size >= PerfEventHeader.Length && (size & 7) == 0 && size <= left;
    }

    /// <summary>Brings a measured record into one piece and checks its body.</summary>
    internal bool TryShow(ulong position, uint size, RecordKind kind, ref Stretch stretch)
    {
        byte* record = Address(position);
        uint contiguous = (uint)Contiguous(position, position + size);
        if (contiguous < size)
        {
            record = PutTogether(record, contiguous, size);
            _scratchEnd = position + size;
        }

        stretch.Record = record;
        stretch.Size = size;
        stretch.Kind = kind;
        return kind switch
        {
            RecordKind.Sample => _layout.TryLocatePayload(record, size, out stretch.PayloadOffset, out stretch.PayloadLength),
            RecordKind.Lost => size >= PerfEventHeader.Length + 16,
            RecordKind.LostSamples => size >= PerfEventHeader.Length + 8,

            // The kernel never writes our own kinds: ring content of that type is damage.
            RecordKind.Gap or RecordKind.Outage => false,
            _ => true,
        };
    }

    /// <summary>Makes a record of kind <see cref="RecordKind.Gap"/>.</summary>
    internal void ShowGap(ulong skipped, ref Stretch stretch)
    {
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

    /// <summary>What a measured record says was lost; 0 if it is no loss notice.</summary>
    internal ulong LossIn(ulong position, uint size, RecordKind kind)
    {
        uint word = kind switch
        {
            RecordKind.Lost => 16,
            RecordKind.LostSamples => 8,
            _ => 0,
        };

        // SAFETY: the word is aligned, within the record, and masked should the record wrap.
        return word != 0 && size >= word + 8 ? *(ulong*)Address(position + word) : 0;
    }

    /// <summary>The position behind a record that was shown, wherever it was shown.</summary>
    /// <param name="record">Of this memory; not a gap.</param>
    /// <param name="first">A position at or before the record's, less than the ring's size before it.</param>
    internal ulong PositionAfter(scoped in Record record, ulong first)
    {
        // SAFETY: only addresses are compared. What is in the scratch buffer is the record that wraps.
        fixed (byte* scratch = _scratch)
        {
            if (record.Start == scratch)
                return _scratchEnd;
        }

        ulong offset = (ulong)(record.Start - _data);
        return first + ((offset - first) & _mask) + record.Size;
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
}
