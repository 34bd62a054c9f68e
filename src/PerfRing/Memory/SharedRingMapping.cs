using Microsoft.Win32.SafeHandles;
using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing.Memory;

/// <summary>Owns the mapping of one shared ring: its words, its data, and its data again behind them. Unmaps all of it
/// once.</summary>
/// <remarks>The address range is reserved first, without access, and the file is mapped over it in two pieces. So nobody else's
/// memory can come to lie in between, and a failure half-way leaves nothing behind.</remarks>
internal sealed unsafe class SharedRingMapping : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly nuint _length;

    private SharedRingMapping(void* address, nuint length, SharedRingGeometry geometry)
        : base(ownsHandle: true)
    {
        _length = length;
        Geometry = geometry;
        SetHandle((nint)address);
    }

    internal SharedRingGeometry Geometry { get; }

    /// <summary>Whether a span into it is out. Then a finalizer, which comes when its holder forgot both the span's end and the
    /// disposing, leaves the memory where it is.</summary>
    internal bool IsSeen { get; set; }

    // SAFETY: whoever uses the addresses holds this object and has not disposed it.
    internal SharedRingWords Words => new((byte*)handle, Geometry.PageSize);

    /// <summary>The data; readable and writable for twice the capacity.</summary>
    internal byte* Data => (byte*)handle + Geometry.DataOffset;

    /// <param name="file">A file of the geometry's size.</param>
    /// <param name="geometry">Checked.</param>
    /// <exception cref="SystemCallException">There is no memory or address space, or the file does not allow it.</exception>
    internal static SharedRingMapping Map(Descriptor file, SharedRingGeometry geometry)
    {
        const string remedy = "a shared ring takes twice its capacity in address space (RLIMIT_AS, ulimit -v), "
            + "and its file must be open for reading and writing";
        nuint length = (nuint)(geometry.FileSize + geometry.Capacity);
        Errno.ThrowIfFailed(
            Shim.Mmap(length, Mmap.ProtectionNone, Mmap.Private | Mmap.Anonymous | Mmap.NoReserve, -1, 0, out void* address),
            "mmap",
            remedy);
        SharedRingMapping mapping = new(address, length, geometry);
        try
        {
            mapping.Place(file, 0, 0, geometry.FileSize, remedy);
            mapping.Place(file, geometry.FileSize, geometry.DataOffset, geometry.Capacity, remedy);
            return mapping;
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => IsSeen || Shim.Munmap((void*)handle, _length) == 0;

    private void Place(Descriptor file, ulong at, ulong offset, ulong length, string remedy) => Errno.ThrowIfFailed(

        // SAFETY: at + length is at most the length that was reserved, so only that is replaced.
        Shim.MmapAt(
            (byte*)handle + at,
            length,
            Mmap.ProtectionRead | Mmap.ProtectionWrite,
            Mmap.Shared | Mmap.Fixed,
            file.Number,
            offset),
        "mmap(MAP_FIXED)",
        remedy);
}
