namespace PerfRing.Memory;

/// <summary>Words of <c>struct bpf_ringbuf</c> (kernel/bpf/ringbuf.c) as user space maps it: <c>consumer_pos</c> at the start of
/// the first page, these at the start of the second.</summary>
/// <remarks>No header of the kernel has them.</remarks>
internal static class BpfRingPages
{
    /// <summary><c>producer_pos</c>.</summary>
    internal const int Producer = 0;

    /// <summary><c>overwrite_pos</c>, behind <c>pending_pos</c>: the oldest record that was not overwritten. Since Linux
    /// 6.19.</summary>
    internal const int Overwrite = 16;
}
