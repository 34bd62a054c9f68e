using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

internal sealed partial class PerfEventRing
{
    /// <summary>Makes the staging ring of a perf ring: laid out like one, in memory of this process.</summary>
    /// <param name="kernel">What is staged, now owned by the ring.</param>
    /// <param name="size">Bytes for records, at least as many as the kernel's ring has.</param>
    /// <param name="origin">What the records have in common.</param>
    /// <param name="mapping">What has to stay mapped as long as the thread runs.</param>
    /// <param name="memory">What the thread is told.</param>
    internal static PerfEventRing Stage(
        KernelRing kernel, nuint size, RecordOrigin origin, out Mapping mapping, out RingMemory memory)
    {
        int page = Environment.SystemPageSize;
        mapping = Mapping.MapAnonymous((nuint)page + size, Mmap.ProtectionRead | Mmap.ProtectionWrite);
        memory = RingMemory.OfPerf(mapping, page);
        memory.Begin(kernel.LoadConsumer());
        return new PerfEventRing(mapping, page, origin, kernel);
    }
}
