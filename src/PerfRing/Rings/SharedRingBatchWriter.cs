using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>Writes many records in a row: the positions stay in registers, and what is written is published every so
/// often.</summary>
/// <remarks>
/// <para>Dispose it, which publishes the rest: <c>using SharedRingBatchWriter batch = writer.BeginBatch(16)</c>. Until then the
/// writer itself writes nothing. A record that is written in place is reserved, filled and committed; if it is not committed
/// before the next is reserved, or before the end, it is given up.</para>
/// <para>With one producer the reader sees records when they are published. With many it sees each when it is committed, since
/// others wait behind it; a reader that sleeps is then woken when they are published.</para>
/// <para>Not to be copied: two copies would write to the same place. The one that publishes second throws.</para>
/// </remarks>
// SAFETY: as for SharedRingWriter; _data and _mask are the writer's, which is in use as long as its generation is this one's.
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
public unsafe ref struct SharedRingBatchWriter
{
    private readonly SharedRingWriter _writer;
    private readonly byte* _data;
    private readonly ulong _mask;
    private readonly ulong _owner;
    private readonly uint _generation;
    private readonly int _publishEvery;

    /// <summary>With one producer: where the next record begins, up to where there is room, and what was published. With many
    /// there is never room, so that every record is claimed.</summary>
    private ulong _position;
    private ulong _limit;
    private ulong _published;

    /// <summary>Records that are written and not published.</summary>
    private int _pending;

    /// <summary>What the record that is reserved takes; 0 if none is.</summary>
    private uint _size;
    private uint _length;

    internal SharedRingBatchWriter(
        SharedRingWriter writer, byte* data, ulong mask, ulong owner, uint generation, int publishEvery, ulong position)
    {
        _writer = writer;
        _data = data;
        _mask = mask;
        _owner = owner;
        _generation = generation;
        _publishEvery = publishEvery;
        _position = _limit = _published = position;
    }

    /// <summary>Reserves space for a record that is written in place.</summary>
    /// <param name="length">The length of its payload: 0 to <see cref="SharedRingWriter.LargestRecord"/>.</param>
    /// <param name="bytes">The payload, to be written before <see cref="Commit"/>; until then whatever was there.</param>
    /// <returns>False if there is no room; counted as refused. What was written before is published then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or can never fit.</exception>
    /// <exception cref="InvalidOperationException">The batch was disposed, or copied.</exception>
    /// <exception cref="RingCorruptedException">Somebody wrote impossible positions.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReserve(int length, out Span<byte> bytes)
    {
        if (!TryClaim(length))
        {
            bytes = default;
            return false;
        }

        bytes = new Span<byte>(_data + (_position & _mask) + RingBufferHeader.Size, length);
        return true;
    }

    /// <summary>Ends the record that was reserved last.</summary>
    /// <exception cref="InvalidOperationException">Nothing is reserved, or the batch was disposed, or copied.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Commit()
    {
        if (_size == 0 || _writer.Generation != _generation)
            ThrowNothingReserved();

        uint size = _size;
        _size = 0;
        if (_limit == _position)
        {
            // Many producers: the record becomes visible.
            _writer.CommitInBatch(_position);
        }
        else
        {
            // Nobody looks here before the position is published.
            *(ulong*)(_data + (_position & _mask)) = _owner | _length;
            _position += size;
        }

        if (++_pending >= _publishEvery)
            Publish();
    }

    /// <summary>Writes a record, if there is room.</summary>
    /// <param name="payload">At most <see cref="SharedRingWriter.LargestRecord"/> bytes; may be empty.</param>
    /// <returns>False if there is no room; counted as refused. What was written before is published then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The payload can never fit.</exception>
    /// <exception cref="InvalidOperationException">The batch was disposed, or copied.</exception>
    /// <exception cref="RingCorruptedException">Somebody wrote impossible positions.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(scoped ReadOnlySpan<byte> payload)
    {
        if (!TryReserve(payload.Length, out Span<byte> bytes))
            return false;

        payload.CopyTo(bytes);
        Commit();
        return true;
    }

    /// <summary>Publishes what was committed, without waiting for more.</summary>
    /// <exception cref="InvalidOperationException">The batch was disposed, or copied.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish()
    {
        _writer.PublishBatch(_generation, _published, _position, _pending);
        _published = _position;
        _pending = 0;
    }

    /// <summary>Publishes what was committed, and lets the writer write again. A second call does nothing.</summary>
    /// <exception cref="InvalidOperationException">The batch was copied, and both copies were written to.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_writer is null || _writer.Generation != _generation)
            return;

        _writer.EndBatch(_size != 0, _published, _position, _pending);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryClaim(int length)
    {
        if (_writer.Generation != _generation)
            ThrowEnded();

        // The mask is the capacity less 1, so less 7 it is the largest record. Unsigned: negative lengths are too long as well.
        if ((uint)length > (uint)_mask - 7)
            ThrowTooLong(length);

        uint size = RingBufferHeader.RecordSize((uint)length);

        if ((_limit - _position < size || _size != 0) && !TryMakeRoom(size, (uint)length))
            return false;

        _size = size;
        _length = (uint)length;
        return true;
    }

    // Values go in and come out: a method that is called with this struct's address would keep its fields out of registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryMakeRoom(uint size, uint length)
    {
        if (_size != 0)
        {
            _size = 0;
            _writer.AbandonInBatch();
        }

        if (_limit - _position >= size)
            return true;

        bool made = _writer.TryMakeRoom(size, length, _position, out ulong position, out ulong limit);
        _position = position;
        _limit = limit;

        // The consumer may sleep over what was written, and it alone can make room.
        if (!made && _pending != 0)
            Publish();

        return made;
    }

    [DoesNotReturn]
    private static void ThrowTooLong(int length) => throw new ArgumentOutOfRangeException(
        nameof(length), length, "The record can never fit: see SharedRingWriter.LargestRecord.");

    [DoesNotReturn]
    private static void ThrowEnded() => throw new InvalidOperationException("The batch was disposed.");

    [DoesNotReturn]
    private static void ThrowNothingReserved() =>
        throw new InvalidOperationException("Nothing is reserved, or the batch was disposed.");
}
