using PerfRing.Interop;

namespace PerfRing.Memory;

/// <summary>What the header of a shared ring says. Read once, checked, and never again: the other side may change it.</summary>
/// <param name="PageSize">Bytes of a page.</param>
/// <param name="Capacity">Bytes of data; a power of two.</param>
/// <param name="ManyProducers">Whether claims are serialized.</param>
/// <param name="IsAsymmetric">Whether whoever sleeps fences for the others.</param>
internal sealed record SharedRingGeometry(uint PageSize, ulong Capacity, bool ManyProducers, bool IsAsymmetric)
{
    internal ulong DataOffset => SharedRingLayout.Pages * (ulong)PageSize;

    /// <summary>Bytes of the file.</summary>
    internal ulong FileSize => DataOffset + Capacity;

    /// <summary>Writes the header into a file of zeros, the magic last: whoever sees it sees a ring that is complete.</summary>
    internal void Write(Descriptor file)
    {
        using Mapping page = MapHeader(file, PageSize);
        SharedRingHeader header = new(page);
        header.Version = SharedRingLayout.Version;
        header.PageSize = PageSize;
        header.DataOffset = DataOffset;
        header.Capacity = Capacity;
        header.Producers = ManyProducers ? SharedRingLayout.ManyProducers : SharedRingLayout.OneProducer;
        header.Slots = SharedRingLayout.Slots;
        header.Flags = IsAsymmetric ? SharedRingLayout.AsymmetricFlag : 0;
        header.Publish();
    }

    /// <summary>Reads and checks the header.</summary>
    /// <param name="file">A file that can't become shorter, or that is trusted not to.</param>
    /// <param name="size">Its size.</param>
    /// <param name="what">What the file is called in an error.</param>
    /// <exception cref="SharedRingFormatException">It is not a ring, or not one that this process can use.</exception>
    internal static SharedRingGeometry Read(Descriptor file, ulong size, string what)
    {
        uint pageSize = (uint)Environment.SystemPageSize;
        if (size <= SharedRingLayout.Pages * (ulong)pageSize)
            throw new SharedRingFormatException($"{what} is no shared ring: it has {size} bytes only.");

        // Before anything is mapped: no file of huge pages has such a size, whose pages may be missing when they are touched.
        if (!SharedRingLayout.IsCapacity(size - (SharedRingLayout.Pages * (ulong)pageSize), pageSize))
            throw new SharedRingFormatException($"{what} is no shared ring of this machine: it has {size} bytes.");

        using Mapping page = MapHeader(file, pageSize);
        SharedRingHeader header = new(page);
        if (!header.IsPublished)
        {
            throw new SharedRingFormatException(
                $"{what} is no shared ring, or not yet one: the magic is missing, which the creator writes last.");
        }

        uint version = header.Version;
        if (version != SharedRingLayout.Version)
        {
            throw new SharedRingFormatException($"{what} is a shared ring of version {version}; this library reads version "
                + $"{SharedRingLayout.Version}. Use the same version of PerfRing on both sides.");
        }

        uint itsPageSize = header.PageSize;
        if (itsPageSize != pageSize)
        {
            throw new SharedRingFormatException(
                $"{what} has pages of {itsPageSize} bytes, this machine has {pageSize}: make it anew here.");
        }

        uint producers = header.Producers;
        SharedRingGeometry geometry = new(
            pageSize,
            header.Capacity,
            producers == SharedRingLayout.ManyProducers,
            (header.Flags & SharedRingLayout.AsymmetricFlag) != 0);
        if (!SharedRingLayout.IsCapacity(geometry.Capacity, pageSize) || geometry.FileSize != size
            || header.DataOffset != geometry.DataOffset || header.Slots != SharedRingLayout.Slots
            || producers is not (SharedRingLayout.OneProducer or SharedRingLayout.ManyProducers))
        {
            throw new SharedRingFormatException(
                $"{what} is damaged: its header says {geometry.Capacity} bytes of data, the file has {size} bytes.");
        }

        return geometry;
    }

    private static Mapping MapHeader(Descriptor file, uint pageSize)
    {
        int result = Mapping.TryMap(file, pageSize, Abi.Mmap.ProtectionRead | Abi.Mmap.ProtectionWrite, 0, out Mapping? page);
        Errno.ThrowIfFailed(result, "mmap", "the header of a shared ring; the file must be open for reading and writing");
        return page!;
    }
}
