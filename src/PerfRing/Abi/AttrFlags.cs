namespace PerfRing.Abi;

/// <summary>The bit field of <c>struct perf_event_attr</c> at offset 40, in the order that little-endian compilers give it.</summary>
[Flags]
internal enum AttrFlags : ulong
{
    None = 0,
    Disabled = 1UL << 0,
    Inherit = 1UL << 1,
    ExcludeUser = 1UL << 4,
    ExcludeKernel = 1UL << 5,
    ExcludeHypervisor = 1UL << 6,
    ExcludeIdle = 1UL << 7,
    Frequency = 1UL << 10,
    Watermark = 1UL << 14,
    SampleIdAll = 1UL << 18,
    UseClockId = 1UL << 25,
    WriteBackward = 1UL << 27,
}
