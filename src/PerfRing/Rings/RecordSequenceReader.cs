using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PerfRing.Abi;

namespace PerfRing;

/// <summary>Walks the records in bytes that a pipe over a reader gave: in its sequences over ring memory, or in copies of
/// them.</summary>
/// <example>
/// <code>
/// ReadResult result = await pipe.ReadAsync();
/// var records = reader.RecordsIn(result.Buffer);
/// while (records.TryRead(out Record record))
///     Handle(record.Payload);
///
/// pipe.AdvanceTo(records.Position, result.Buffer.End);
/// </code>
/// </example>
/// <remarks>
/// <para>A record in one piece of ring memory is shown where it lies. One in two pieces, where a perf ring wraps, is put together
/// in a scratch buffer first, and so is every record of a copy. A <see cref="Record"/> is valid until the next
/// <see cref="TryRead"/>, and until the pipe is advanced.</para>
/// <para>Records that their producers took back, or died over, are passed over. Bytes of a perf ring that can be no record are
/// shown as one record of kind <see cref="RecordKind.Gap"/>, up to the end of that piece of the ring. A record that is not
/// complete ends the walk in front of it.</para>
/// </remarks>
// SAFETY: ring memory does not move, and is leased to whoever has the sequence; the scratch buffer is pinned. A record is made
// only of bytes whose number was checked against the record's own size, which is read once.
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
public unsafe ref struct RecordSequenceReader
{
    private const int GapSize = 64;

    private readonly SequenceScratch _shared;
    private readonly RecordOrigin[] _origins;
    private readonly ReadOnlySequence<byte> _sequence;
    private readonly bool _isFramed;
    private SequencePosition _nextSegment;
    private SequencePosition _current;
    private RingSegment? _segment;
    private ReadOnlySpan<byte> _rest;
    private int _offset;
    private long _left;
    private byte[]? _scratch;

    /// <param name="sequence">From the start of a record on.</param>
    /// <param name="shared">Of the reader.</param>
    internal RecordSequenceReader(in ReadOnlySequence<byte> sequence, SequenceScratch shared)
    {
        _shared = shared;
        _origins = shared.Origins;
        _isFramed = _origins[0].Framing == RecordFraming.Length;
        _sequence = sequence;
        _nextSegment = _current = sequence.Start;
        _left = sequence.Length;
        Advance(0);
    }

    /// <summary>Behind the last record that was read: up to where the pipe may be advanced.</summary>
    public readonly SequencePosition Position => _sequence.GetPosition(_offset, _current);

    /// <summary>Steps onto the next record.</summary>
    /// <param name="record">Valid until the next call.</param>
    /// <returns>False where no whole record is left.</returns>
    public bool TryRead(out Record record)
    {
        while (_left >= PerfEventHeader.Length)
        {
            ulong header = LoadHeader();
            ulong size = _isFramed ? RingBufferHeader.RecordSize((uint)header) : header >> 48;
            if (size < PerfEventHeader.Length || (size & 7) != 0 || (size > (ulong)_rest.Length && size > (ulong)PieceLength()))
            {
                // What ends behind a copy may be a record of which the rest is yet to come. Ring memory holds whole ones.
                if (_segment is null && size > (ulong)_left && (size & 7) == 0)
                    break;

                record = SkipPiece();
                return true;
            }

            if (size > (ulong)_left)
                break;

            if (_isFramed && (uint)header > RingBufferHeader.LengthMask)
            {
                Advance((long)size);
                continue;
            }

            RecordOrigin origin = _segment?.Origin ?? _origins[0];
            byte* start = Peek((int)size);
            uint payload = RingBufferHeader.Size;
            uint length = (uint)header;
            RecordKind kind = _isFramed ? RecordKind.Sample : (RecordKind)(uint)header;
            if (!_isFramed && !TryLocate(origin.Layout, start, (uint)size, kind, out payload, out length))
            {
                record = SkipPiece();
                return true;
            }

            record = new Record(start, (uint)size, payload, length, kind, OriginOf(start, (uint)size, kind, origin));
            Advance((long)size);
            return true;
        }

        record = default;
        if (_scratch is not null)
            _shared.Give(_scratch);

        _scratch = null;
        return false;
    }

    private static bool TryLocate(SampleLayout layout, byte* start, uint size, RecordKind kind, out uint payload, out uint length)
    {
        payload = length = 0;
        return kind switch
        {
            RecordKind.Sample => layout.TryLocatePayload(start, size, out payload, out length),
            RecordKind.Lost => size >= PerfEventHeader.Length + 16,
            RecordKind.LostSamples => size >= PerfEventHeader.Length + 8,
            RecordKind.Gap => false,
            _ => true,
        };
    }

    /// <summary>In a copy only the record itself tells which CPU it is of.</summary>
    private readonly RecordOrigin OriginOf(byte* start, uint size, RecordKind kind, RecordOrigin origin)
    {
        SampleLayout layout = origin.Layout;
        if (_segment is null && _origins.Length > 1 && layout.CpuOffset != SampleLayout.Absent
            && (kind == RecordKind.Sample || size >= PerfEventHeader.Length + layout.TrailerSize))
        {
            int cpu = *(int*)(start + (kind == RecordKind.Sample ? layout.CpuOffset : size - layout.TrailerCpuDistance));
            foreach (RecordOrigin other in _origins)
            {
                if (other.Cpu == cpu)
                    return other;
            }
        }

        return origin;
    }

    private readonly ulong LoadHeader()
    {
        if (_rest.Length >= PerfEventHeader.Length)
            return MemoryMarshal.Read<ulong>(_rest);

        Span<byte> header = stackalloc byte[PerfEventHeader.Length];
        _sequence.Slice(Position, PerfEventHeader.Length).CopyTo(header);
        return MemoryMarshal.Read<ulong>(header);
    }

    /// <summary>Where the next bytes are in one piece that does not move.</summary>
    private byte* Peek(int size)
    {
        if (_segment is not null && _rest.Length >= size)
            return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_rest));

        byte[] scratch = Scratch(size);
        if (_rest.Length >= size)
            _rest[..size].CopyTo(scratch);
        else
            _sequence.Slice(Position, size).CopyTo(scratch);

        return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(scratch));
    }

    /// <summary>Bytes from here on that are of the same ring and follow each other there, also behind the end of the sequence;
    /// in a copy, all that is left.</summary>
    private readonly long PieceLength()
    {
        if (_segment is null)
            return _left;

        RingSegment last = _segment;
        long length = last.Length - (_current.GetInteger() + _offset);
        while (last.Following is { } next && next.Ring == last.Ring && next.Start == last.EndPosition)
        {
            length += next.Length;
            last = next;
        }

        return length;
    }

    /// <summary>Makes a gap of everything up to the end of this piece.</summary>
    private Record SkipPiece()
    {
        RecordOrigin origin = _segment?.Origin ?? _origins[0];
        long skipped = Math.Min(PieceLength(), _left);
        Advance(skipped);
        byte* gap = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Scratch(GapSize)));
        new Span<byte>(gap, GapSize).Clear();
        *(PerfEventHeader*)gap = new PerfEventHeader { Type = (uint)RecordKind.Gap, Size = GapSize };
        *(ulong*)(gap + PerfEventHeader.Length) = (ulong)skipped;
        return new Record(gap, GapSize, 0, 0, RecordKind.Gap, origin);
    }

    private byte[] Scratch(int size)
    {
        if (_scratch is null || _scratch.Length < size)
            _scratch = _shared.Take(size);

        return _scratch;
    }

    private void Advance(long count)
    {
        _left -= count;
        while (count >= _rest.Length)
        {
            SequencePosition segment = _nextSegment;
            if (!_sequence.TryGet(ref _nextSegment, out ReadOnlyMemory<byte> memory))
            {
                // The end is a place in the last segment.
                _offset += _rest.Length;
                _rest = default;
                return;
            }

            count -= _rest.Length;
            _current = segment;
            _offset = 0;
            _segment = segment.GetObject() as RingSegment;
            _rest = memory.Span;
        }

        _offset += (int)count;
        _rest = _rest[(int)count..];
    }
}
