namespace PerfRing.Memory;

/// <summary>The other side of the two words: user space produces, the kernel consumes (BPF_MAP_TYPE_USER_RINGBUF).</summary>
internal readonly unsafe partial struct RingCursor
{
    /// <summary>The words at the start of a page each, <c>consumer_pos</c> and <c>producer_pos</c> of struct bpf_ringbuf
    /// (kernel/bpf/ringbuf.c).</summary>
    /// <remarks>Here <see cref="LoadConsumer"/> reads a word of the kernel's, and its acquire pairs with the store-release of
    /// consumer_pos in __bpf_user_ringbuf_sample_release: the kernel has read the records before it, and they may be written
    /// over. <see cref="LoadProducer"/> reads back a word that is ours.</remarks>
    // SAFETY: both pages lie in mappings that the ring holding this cursor keeps alive.
    internal static RingCursor OfUserRing(byte* consumerPage, byte* producerPage) =>
        new((ulong*)producerPage, (ulong*)consumerPage);

    /// <summary>Release. Pairs with the load-acquire of producer_pos in __bpf_user_ringbuf_peek: the header in front of the
    /// position is there, BUSY, before the kernel looks at it.</summary>
    internal void StoreProducer(ulong position) => Volatile.Write(ref *_producer, position);

    /// <summary>Writes the header of a record that the kernel can't see yet; <see cref="StoreProducer"/> publishes it. The
    /// second word, in the other direction an offset of the kernel's, means nothing here.</summary>
    // SAFETY: the caller owns the memory up to the consumer position plus the ring's size.
    internal static void StoreNewHeader(byte* record, uint word) => Volatile.Write(ref *(ulong*)record, word);

    /// <summary>Exchanges the first word of a record's header if it is still what it was: a full fence, so also a release. Pairs
    /// with the load-acquire of the header in __bpf_user_ringbuf_peek: if the BUSY bit is clear, the payload is written.</summary>
    // SAFETY: the caller has reserved the record and has not finished it.
    internal static bool TryExchangeHeader(byte* record, uint from, uint to) =>
        Interlocked.CompareExchange(ref *(uint*)record, to, from) == from;
}
