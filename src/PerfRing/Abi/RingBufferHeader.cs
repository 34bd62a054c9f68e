namespace PerfRing.Abi;

/// <summary>The eight bytes in front of each record of a BPF ring buffer, <c>struct bpf_ringbuf_hdr</c> of kernel/bpf/ringbuf.c,
/// and of our own shared rings.</summary>
/// <remarks><code>
///   0            30  31       32                         63
///   | length      | D | B     | a page offset of the kernel's, or the writer of a shared ring |
///                   |   busy: being written, BPF_RINGBUF_BUSY_BIT
///                   discarded: to be passed over, BPF_RINGBUF_DISCARD_BIT
/// </code></remarks>
internal static class RingBufferHeader
{
    internal const uint Size = 8;
    internal const uint Busy = 1u << 31;
    internal const uint Discard = 1u << 30;
    internal const uint LengthMask = Discard - 1;

    /// <summary>Bytes of ring that a record takes whose first word is this one, whatever its flags.</summary>
    internal static uint RecordSize(uint word) => ((word & LengthMask) + Size + 7) & ~7u;
}
