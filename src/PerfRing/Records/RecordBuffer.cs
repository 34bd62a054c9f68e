using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PerfRing;

/// <summary>Memory for one copied record at a time.</summary>
/// <remarks>Pinned, so that a <see cref="Record"/> can point into it as it does into a ring; of a fixed size and of one ring for its
/// whole life, so that a view that outlived its record shows another record and never reads outside of the buffer.</remarks>
internal sealed unsafe class RecordBuffer
{
    private readonly RecordBuffers _home;
    private readonly RecordOrigin _origin;
    private readonly byte[] _bytes;
    private long _generation;
    private uint _size;
    private uint _payloadOffset;
    private uint _payloadLength;
    private RecordKind _kind;

    internal RecordBuffer(RecordBuffers home, RecordOrigin ring, int capacity)
    {
        _home = home;
        _origin = new RecordOrigin(ring, this);
        _bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
    }

    internal int Capacity => _bytes.Length;

    /// <summary>Copies a record into here.</summary>
    /// <returns>The generation, by which this record is known.</returns>
    internal long Fill(scoped in Record record)
    {
        record.Bytes.CopyTo(_bytes);
        _size = record.Size;
        _payloadOffset = record.PayloadOffset;
        _payloadLength = (uint)record.Payload.Length;
        _kind = record.Kind;
        return _generation;
    }

    /// <exception cref="ObjectDisposedException">The record of that generation was disposed.</exception>
    internal Record View(long generation)
    {
        ThrowIfStale(generation);

        // SAFETY: the array is pinned, holds the whole record, and lives as long as the view: that refers to the origin, which
        // refers to this. The lengths are those of the record that was copied, which its batch had checked.
        return new Record(
            (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_bytes)),
            _size, _payloadOffset, _payloadLength, _kind, _origin);
    }

    /// <exception cref="ObjectDisposedException">The record of that generation was disposed.</exception>
    internal ReadOnlyMemory<byte> Payload(long generation)
    {
        ThrowIfStale(generation);
        return new ReadOnlyMemory<byte>(_bytes, (int)_payloadOffset, (int)_payloadLength);
    }

    /// <summary>Gives the memory back. Does nothing if the record of that generation was disposed before.</summary>
    internal void Release(long generation)
    {
        // The exchange decides between copies of the struct that are disposed at once.
        if (Interlocked.CompareExchange(ref _generation, generation + 1, generation) == generation)
            _home.Return(this);
    }

    private void ThrowIfStale(long generation)
    {
        if (Volatile.Read(ref _generation) != generation)
            ThrowStale();
    }

    [DoesNotReturn]
    private static void ThrowStale() => throw new ObjectDisposedException(
        nameof(OwnedRecord), "This record was disposed: its memory may hold another one by now.");
}
