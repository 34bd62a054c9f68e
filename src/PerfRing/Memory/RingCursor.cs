using PerfRing.Abi;

namespace PerfRing.Memory;

/// <summary>The two words that producer and consumer share. Every access to them, and every barrier, is in this type.</summary>
/// <remarks>
/// <code>
///   0 ......... consumer .................... producer ......... consumer + size
///     free      |  written, not yet released  |  free
/// </code>
/// Both are free-running 64-bit counters: they are compared by subtraction and indexed by mask, so that they may wrap.
/// </remarks>
internal readonly unsafe partial struct RingCursor
{
    private readonly ulong* _producer;
    private readonly ulong* _consumer;

    // SAFETY: both words lie in a mapping that the ring holding this cursor keeps alive.
    private RingCursor(ulong* producer, ulong* consumer)
    {
        _producer = producer;
        _consumer = consumer;
    }

    /// <summary>The words in the first page of a perf ring.</summary>
    internal static RingCursor OfPerfPage(byte* address)
    {
        PerfEventMmapPage* page = (PerfEventMmapPage*)address;
        return new RingCursor(&page->DataHead, &page->DataTail);
    }

    /// <summary>The words at the start of a page each: BPF ring buffers, <c>consumer_pos</c> and <c>producer_pos</c> of
    /// struct bpf_ringbuf (kernel/bpf/ringbuf.c), and our own shared rings.</summary>
    internal static RingCursor OfPages(byte* producer, byte* consumer) => new((ulong*)producer, (ulong*)consumer);

    /// <summary>Acquire. In a perf ring it pairs with the barrier between a record's bytes and data_head in
    /// perf_output_put_handle (kernel/events/ring_buffer.c): what lies before the value returned is completely written. In a
    /// BPF ring buffer it pairs with the store-release of producer_pos in __bpf_ringbuf_reserve: the headers before it are
    /// there, and say themselves, by their BUSY bit, whether the payload is. In a shared ring the same, with
    /// <see cref="SharedRingWords.StoreProducer"/>.</summary>
    internal ulong LoadProducer() => Volatile.Read(ref *_producer);

    /// <summary>Plain meaning: only the consumer stores this word, so the owner reads back its own store.</summary>
    internal ulong LoadConsumer() => Volatile.Read(ref *_consumer);

    /// <summary>Release. Pairs with the control dependency on data_tail in __perf_output_begin, with the load-acquire of
    /// consumer_pos in __bpf_ringbuf_reserve, and with <see cref="SharedRingWords.LoadConsumer"/>: our reads of the records are
    /// done before the producer may write over them.</summary>
    internal void StoreConsumer(ulong position) => Volatile.Write(ref *_consumer, position);

    /// <summary>Acquire. Pairs with the exchange of the header in bpf_ringbuf_commit, and with the release of the header by a
    /// shared ring's writer: if the BUSY bit is clear in what it
    /// returns, the payload is completely written.</summary>
    // SAFETY: the caller has checked that a header lies at the address.
    internal static ulong LoadHeader(byte* record) => Volatile.Read(ref *(ulong*)record);

    /// <summary>A full fence, between publishing the consumer position and the last look before a sleep.</summary>
    /// <remarks>The lost wakeup that it prevents: bpf_ringbuf_commit wakes only if it finds the consumer position at the record
    /// that it commits. Without the fence our store could still be in the store buffer when we load the header and find it
    /// BUSY, while the producer, which clears the bit with a fully ordered exchange and then loads the consumer position,
    /// finds the old one and wakes nobody. Store-release followed by load-acquire does not order the two.</remarks>
    internal static void FenceBeforeLook() => Interlocked.MemoryBarrier();
}
