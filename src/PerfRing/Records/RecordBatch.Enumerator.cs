using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PerfRing.Abi;

namespace PerfRing;

public readonly unsafe ref partial struct RecordBatch
{
    /// <summary>Steps through the records of a batch.</summary>
    /// <remarks>
    /// A plain walk is bound by a dependency: where the next record begins is known only when this one's header has arrived.
    /// So the next record is expected to be like this one, and walking on at the expected address overlaps with the load that
    /// confirms it. Records of one size, the usual case, cost half as much that way; where sizes vary the lease notices, and
    /// nothing is expected.
    /// </remarks>
    // SAFETY: next and limit delimit mapped memory of this batch, both multiples of 8, so that a header may be read wherever
    // next is below limit, as long as the batch is not disposed; if it was, the lease's position is not next any more. Header
    // and payload length are read once each, and either equal those of a record that was checked, or are checked themselves.
    //
    // Acquire: the header of a BPF or shared ring is what its producer releases last (bpf_ringbuf_commit exchanges it), so
    // the payload may be read only after it. Records of a perf ring were acquired with the producer's position already.
    [SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
    public ref struct Enumerator
    {
        /// <summary>Longer than any ring, so that nothing is expected.</summary>
        private const nuint NothingExpected = int.MaxValue;

        /// <summary>An offset that no sample is long enough for, so that every record goes the slow way.</summary>
        private const nuint NoFixedPayload = int.MaxValue;

        private readonly BatchLease? _lease;
        private readonly uint _generation;
        private RecordOrigin _origin;
        private byte* _record;
        private byte* _next;
        private byte* _limit;

        // What the next record is expected to be: the header, compared whole, and the payload length of one whose checks have
        // passed. (A mask over the half that may differ cost a perf ring 10 to 20 % of its walk.)
        private ulong _expectedHeader;
        private nuint _expectedSize;
        private uint _expectedLength;

        // Where a plain record has its payload's length, and where its payload.
        private nuint _rawOffset;
        private uint _plainPayload;
        private uint _size;
        private uint _payloadLength;
        private uint _payloadOffset;
        private RecordKind _kind;

        internal Enumerator(BatchLease? lease, uint generation)
        {
            lease?.Restart(generation);
            _lease = lease;
            _generation = generation;
            _origin = null!;
            _expectedSize = NothingExpected;
        }

        /// <summary>The record that <see cref="MoveNext"/> stepped onto.</summary>
        public readonly Record Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => new(_record, _size, _payloadOffset, _payloadLength, _kind, _origin);
        }

        /// <summary>Steps onto the next record.</summary>
        /// <returns>False at the end of the batch.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            byte* next = _next;
            byte* after = next + _expectedSize;
            if (after <= _limit && _lease!.Visited == next
                && Volatile.Read(ref *(ulong*)next) == _expectedHeader
                && *(uint*)(next + _rawOffset) == _expectedLength)
            {
                _kind = RecordKind.Sample;
                _payloadOffset = _plainPayload;
                _payloadLength = _expectedLength;
                _size = (uint)_expectedSize;
                _record = next;
                _next = after;
                _lease.Visited = after;
                return true;
            }

            nuint room = (nuint)(_limit - next);
            if (room != 0 && _lease!.Visited == next)
            {
                ulong header = Volatile.Read(ref *(ulong*)next);
                nuint size;
                uint length;
                bool plain;
                if (_plainPayload == RingBufferHeader.Size)
                {
                    // With a flag set it is no plain record: the ring knows what to do with it.
                    length = (uint)header;
                    size = RingBufferHeader.RecordSize(length);
                    plain = length <= RingBufferHeader.LengthMask && size <= room;
                }
                else
                {
                    // A sample needs its payload's size word, padded to 8; everything before that has a fixed size.
                    size = (nuint)(header >> 48);
                    plain = (uint)header == PerfEvent.RecordSample && size <= room && size >= _rawOffset + 8 && (size & 7) == 0;
                    length = plain ? *(uint*)(next + _rawOffset) : 0;
                    plain &= length <= size - _rawOffset - 4;
                }

                if (plain)
                {
                    if (_lease.Credit >= 0)
                    {
                        // A record that is like the one before, but for the half of the header that is the kernel's own and
                        // differs from page to page, or names another writer: expected again at once, though it counts as a miss.
                        bool again = _lease.Learn(next, size);
                        if (again || (size == _expectedSize && length == _expectedLength && _lease.Credit >= 0))
                        {
                            _expectedHeader = header;
                            _expectedSize = size;
                            _expectedLength = length;
                        }
                        else if (_lease.Credit < 0)
                        {
                            _expectedSize = NothingExpected;
                        }
                    }

                    _kind = RecordKind.Sample;
                    _payloadOffset = _plainPayload;
                    _payloadLength = length;
                    _size = (uint)size;
                    _record = next;
                    _next = next + size;
                    _lease.Visited = _next;
                    return true;
                }
            }

            // Not through a method of this struct: its address would escape, and the JIT would keep the cursor in memory.
            if (_lease is null || !_lease.Step(_generation, next))
                return false;

            _origin = _lease.Stretch.Origin;
            _record = _lease.Stretch.Record;
            _size = _lease.Stretch.Size;
            _payloadOffset = _lease.Stretch.PayloadOffset;
            _payloadLength = _lease.Stretch.PayloadLength;
            _kind = _lease.Stretch.Kind;
            _next = _lease.Stretch.Next;
            _limit = _lease.Stretch.Limit;
            _expectedSize = NothingExpected;
            if (_origin.Framing == RecordFraming.Length)
            {
                // The header's first word is the length, too.
                _rawOffset = 0;
                _plainPayload = RingBufferHeader.Size;
            }
            else
            {
                _rawOffset = _origin.Layout.RawOffset == SampleLayout.Absent ? NoFixedPayload : (nuint)_origin.Layout.RawOffset;
                _plainPayload = (uint)_rawOffset + 4;
            }

            return true;
        }
    }
}
