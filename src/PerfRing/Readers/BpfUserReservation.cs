using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>Room for one record in a <see cref="BpfUserRing"/>, to be filled and submitted.</summary>
/// <remarks>Copies stand for the same reservation: once one of them was submitted or discarded, the others do nothing. The kernel
/// drains nothing behind a reservation that is open.</remarks>
public readonly ref struct BpfUserReservation
{
    private readonly BpfUserRing? _ring;
    private readonly ulong _position;
    private readonly int _length;
    private readonly int _slot;

    internal BpfUserReservation(BpfUserRing ring, int slot, ulong position, int length)
    {
        _ring = ring;
        _slot = slot;
        _position = position;
        _length = length;
    }

    /// <summary>The record: ring memory, as long as was asked for. It is not cleared: older records shine through.</summary>
    /// <remarks>To be written before the reservation ends, never after: then it is the kernel's, or another record's, or not
    /// mapped any more.</remarks>
    /// <exception cref="InvalidOperationException">The reservation was ended, or there never was one.</exception>
    public Span<byte> Bytes
    {
        get
        {
            if (_ring is null)
                ThrowEnded();

            return _ring.BytesOf(_slot, _position, _length);
        }
    }

    /// <summary>Hands the record to the kernel. Does nothing if the reservation was ended before.</summary>
    /// <exception cref="RingCorruptedException">Somebody else writes into the ring and has changed the record, which is not
    /// submitted.</exception>
    public void Submit() => _ring?.End(_slot, _position, _length, discard: false);

    /// <summary>Makes the kernel pass over the record. Does nothing if the reservation was ended before.</summary>
    public void Discard() => _ring?.End(_slot, _position, _length, discard: true);

    /// <summary>Discards the record, unless the reservation was ended before.</summary>
    public void Dispose() => Discard();

    [DoesNotReturn]
    internal static void ThrowEnded() =>
        throw new InvalidOperationException("There is no open reservation: it was submitted or discarded, or none was made.");
}
