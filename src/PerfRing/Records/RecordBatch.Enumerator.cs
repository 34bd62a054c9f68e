using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PerfRing.Abi;

namespace PerfRing;

public readonly unsafe ref partial struct RecordBatch
{
    /// <summary>Steps through the records of a batch.</summary>
    [SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
    public ref struct Enumerator
    {
        private readonly BatchLease? _lease;
        private RecordOrigin _origin;
        private byte* _record;
        private byte* _next;
        private byte* _limit;
        private uint _size;
        private uint _payloadLength;
        private uint _payloadOffset;
        private RecordKind _kind;

        internal Enumerator(BatchLease? lease, uint generation)
        {
            lease?.Restart(generation);
            _lease = lease;
            _origin = null!;
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
            // SAFETY: next and limit delimit mapped memory of this batch, both multiples of 8, so that a header may be read
            // wherever next is below limit, as long as the batch is not disposed; if it was, the lease's position is not ours
            // any more. The header is read once; what it says is checked before it is used. Anything but a plain sample
            // within the stretch goes the slow way.
            byte* next = _next;
            nuint room = (nuint)(_limit - next);
            if (room != 0 && _lease!.Visited == next)
            {
                ulong header = *(ulong*)next;
                nuint size = (nuint)(header >> 48);
                SampleLayout layout = _origin.Layout;
                if ((uint)header == PerfEvent.RecordSample && size <= room && size >= layout.MinimumSize && (size & 7) == 0
                    && !layout.WalksToRaw)
                {
                    uint payload = 0;
                    uint length = 0;
                    if (layout.RawOffset != SampleLayout.Absent)
                    {
                        payload = (uint)layout.RawOffset + 4;
                        length = *(uint*)(next + layout.RawOffset);
                    }

                    if (length <= size - payload)
                    {
                        _kind = RecordKind.Sample;
                        _payloadOffset = payload;
                        _payloadLength = length;
                        _size = (uint)size;
                        _record = next;
                        _next = next + size;
                        _lease.Visited = _next;
                        return true;
                    }
                }
            }

            // No method of this struct: its address would escape, and the JIT would keep the cursor in memory.
            if (_lease is null || !_lease.Advance(next, out Stretch stretch))
                return false;

            _origin = stretch.Origin;
            _record = stretch.Record;
            _size = stretch.Size;
            _payloadOffset = stretch.PayloadOffset;
            _payloadLength = stretch.PayloadLength;
            _kind = stretch.Kind;
            _next = stretch.Next;
            _limit = stretch.Limit;
            return true;
        }
    }
}
