using PerfRing.Memory;

namespace PerfRing;

/// <summary>The staging ring of a BPF ring buffer: laid out like one, in memory of this process.</summary>
/// <remarks>
/// <code>
///   page 0            page 1            page 2 ................. 2 + n            2 + n ....... 2 + 2n
///   | consumer word  | producer word   | records                  | the same records again     |
///     ours              the thread's      the thread's
/// </code>
/// </remarks>
internal sealed unsafe class StagedBpfRing : FramedRing
{
    private readonly Mapping _mapping;

    // SAFETY: the mapping lives until Dispose, and is laid out as drawn above.
    private StagedBpfRing(Mapping mapping, RingMemory memory, KernelRing kernel, RecordOrigin origin)
        : base(RecordsOf(mapping), memory.Size, memory.Cursor, origin)
    {
        _mapping = mapping;
        Kernel = kernel;
    }

    internal override MappedMemory Memory => field ??= new MappedMemory(
        _mapping, RecordsOf(_mapping), (int)Math.Min(2 * Capacity, int.MaxValue));

    /// <param name="kernel">What is staged, now owned here.</param>
    /// <param name="size">Bytes for records, at least as many as the kernel's ring has.</param>
    /// <param name="origin">What the records have in common.</param>
    /// <param name="mapping">What has to stay mapped as long as the thread runs.</param>
    /// <param name="memory">What the thread is told.</param>
    internal static StagedBpfRing Create(
        KernelRing kernel, nuint size, RecordOrigin origin, out Mapping mapping, out RingMemory memory)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        mapping = Mapping.MapTwice(2 * page, size);
        memory = RingMemory.OfBpf(mapping.Address + page, mapping.Address, RecordsOf(mapping), size);
        memory.Begin(kernel.LoadConsumer());
        return new StagedBpfRing(mapping, memory, kernel, origin);
    }

    public override void Dispose()
    {
        _mapping.Dispose();
        Kernel!.Dispose();
    }

    private static byte* RecordsOf(Mapping mapping) => mapping.Address + (2 * Environment.SystemPageSize);
}
