namespace PerfRing.Testing;

/// <summary>The map types that tests create, by their numbers in <c>linux/bpf.h</c>.</summary>
internal enum BpfMapType : uint
{
    Array = 2,
    PerfEventArray = 4,
    PerCpuArray = 6,
    ArrayOfMaps = 12,
    RingBuffer = 27,
    UserRingBuffer = 31,
}
