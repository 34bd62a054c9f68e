using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PerfRing.Tests.SharedRings;

/// <summary>The file of a shared ring, word by word, by the numbers of docs/shared-ring.md: what another program would see, or
/// would do to it.</summary>
internal sealed class RawRing : IDisposable
{
    internal static readonly int Page = Environment.SystemPageSize;

    internal static readonly int Consumer = Page;
    internal static readonly int Sleep = Page + 128;
    internal static readonly int Countdown = Page + 132;
    internal static readonly int Producer = 2 * Page;
    internal static readonly int Lock = (2 * Page) + 128;
    internal static readonly int SpaceWaiters = (2 * Page) + 256;
    internal static readonly int Slots = 3 * Page;
    internal static readonly int Data = 4 * Page;

    internal const uint Busy = 0x8000_0000;

    private readonly SafeFileHandle _file;

    internal RawRing(SharedRing ring) => _file = new SafeFileHandle(ring.Descriptor.DangerousGetHandle(), ownsHandle: false);

    internal long Length => RandomAccess.GetLength(_file);

    internal ulong this[int offset]
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(offset, 8));
        set
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            Write(offset, bytes);
        }
    }

    /// <summary>The lock word of a writer that holds the lock.</summary>
    internal static ulong LockOf(int slot, uint generation) => (1ul << 32) | OwnerOf(slot, generation);

    internal static uint OwnerOf(int slot, uint generation) => (generation << 8) | (uint)slot;

    internal uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(offset, 4));

    internal void SetWord(int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Write(offset, bytes);
    }

    internal byte[] Bytes(int offset, int count)
    {
        byte[] bytes = new byte[count];
        Assert.Equal(count, RandomAccess.Read(_file, bytes, offset));
        return bytes;
    }

    internal void Write(int offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_file, bytes, offset);

    /// <summary>Generation of the writer that has a slot, or had it last.</summary>
    internal uint Generation(int slot) => Word(Slots + (64 * slot));

    public void Dispose() => _file.Dispose();
}
