namespace PerfRing.Abi;

/// <summary>PERFRING_STAGE_… of the shim: how a ring is laid out that is staged.</summary>
internal static class StageKind
{
    internal const uint Perf = 1;
    internal const uint Bpf = 2;
}
