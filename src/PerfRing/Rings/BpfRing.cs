using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>A BPF ring buffer, of which this process is the consumer.</summary>
/// <remarks>
/// <code>
///   page 0            page 1            page 2 ................. 2 + n            2 + n ....... 2 + 2n
///   | consumer word  | producer word   | records                  | the same records again     |
///     ours to write    read-only         read-only
/// </code>
/// The kernel maps the records twice in a row, so that none wraps (ringbuf_map_mmap_kern in kernel/bpf/ringbuf.c).
/// </remarks>
internal sealed unsafe class BpfRing : FramedRing
{
    private readonly Mapping _consumer;
    private readonly Mapping _records;

    // SAFETY: the mappings live until Dispose, and are laid out as drawn above.
    private BpfRing(Mapping consumer, Mapping records, ulong size, RecordOrigin origin)
        : base(
            records.Address + Environment.SystemPageSize, size,
            RingCursor.OfPages(records.Address + BpfRingPages.Producer, consumer.Address), origin)
    {
        _consumer = consumer;
        _records = records;
    }

    internal override MappedMemory Memory => field ??= new MappedMemory(
        _records, _records.Address + Environment.SystemPageSize, (int)Math.Min(2 * Capacity, int.MaxValue));

    public override void Dispose()
    {
        _records.Dispose();
        _consumer.Dispose();
    }

    /// <summary>Maps the ring to consume it.</summary>
    /// <param name="map">The map; its descriptor may be closed afterwards.</param>
    /// <param name="size">The map's size in bytes.</param>
    /// <param name="origin">What the records have in common.</param>
    internal static BpfRing Open(Descriptor map, ulong size, RecordOrigin origin)
    {
        (Mapping consumer, Mapping records) = MapPages(map, size, Mmap.ProtectionRead | Mmap.ProtectionWrite);
        return new BpfRing(consumer, records, size, origin);
    }

    /// <summary>The same for a ring that is staged.</summary>
    internal static KernelRing OpenStaged(Descriptor map, ulong size)
    {
        (Mapping consumer, Mapping records) = MapPages(map, size, Mmap.ProtectionRead | Mmap.ProtectionWrite);
        return KernelRing.OfBpf(consumer, records, size);
    }

    /// <summary>Maps the words and the records of a BPF ring buffer.</summary>
    /// <param name="map">The map.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="consumerProtection">How the page of the consumer's word is mapped.</param>
    internal static (Mapping Consumer, Mapping Records) MapPages(Descriptor map, ulong size, int consumerProtection)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        Errno.ThrowIfFailed(
            Mapping.TryMap(map, page, consumerProtection, 0, out Mapping? consumer), "mmap", Remedy("the consumer's page"));
        int result = Mapping.TryMap(map, page + (2 * (nuint)size), Mmap.ProtectionRead, page, out Mapping? records);
        if (result != 0)
            consumer!.Dispose();

        Errno.ThrowIfFailed(result, "mmap", Remedy($"{size} bytes of records, twice"));
        return (consumer!, records!);
    }

    private static string Remedy(string what) =>
        $"mapping {what} of a BPF ring buffer; EPERM: the map was made or frozen read-only, or opened without write access; ENOMEM: "
        + "the process or its memory cgroup is out of memory or of mappings (vm.max_map_count)";
}
