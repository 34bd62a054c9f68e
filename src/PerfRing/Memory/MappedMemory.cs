using System.Buffers;
using System.Runtime.InteropServices;

namespace PerfRing.Memory;

/// <summary>Ring memory as <see cref="Memory{T}"/>, for sequences that lie directly over a mapping.</summary>
/// <remarks>Whoever hands it out keeps the mapping alive until the bytes are given back. After that a span is refused: an
/// access to memory that is gone would end the process. Read-only where the mapping is, whatever its type says.</remarks>
// SAFETY: the owner of the memory is open whenever a span is made, and whoever uses the span holds a lease.
internal sealed unsafe class MappedMemory : MemoryManager<byte>
{
    private readonly SafeHandle _owner;
    private readonly byte* _address;
    private readonly int _length;

    /// <param name="owner">What keeps the memory mapped.</param>
    /// <param name="address">Its first byte.</param>
    /// <param name="length">Its bytes.</param>
    internal MappedMemory(SafeHandle owner, byte* address, int length)
    {
        _owner = owner;
        _address = address;
        _length = length;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_owner.IsClosed, this);
        return new Span<byte>(_address, _length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));

        // Memory of a mapping does not move, but it may go: a pin keeps it.
        bool held = false;
        _owner.DangerousAddRef(ref held);
        return new MemoryHandle(_address + elementIndex, pinnable: this);
    }

    /// <inheritdoc/>
    public override void Unpin() => _owner.DangerousRelease();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
