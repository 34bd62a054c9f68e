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
internal readonly unsafe struct RingCursor
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

    /// <summary>The words in pages 2 and 1 of a shared ring.</summary>
    internal static RingCursor OfSharedRing(ulong* producer, ulong* consumer) => new(producer, consumer);

    /// <summary>Acquire. Pairs with the barrier between a record's bytes and data_head in perf_output_put_handle
    /// (kernel/events/ring_buffer.c), and with <see cref="SharedRingWords.StoreProducer"/>: what lies before the value returned
    /// is completely written, in a shared ring of many writers at least its header.</summary>
    internal ulong LoadProducer() => Volatile.Read(ref *_producer);

    /// <summary>Plain meaning: only the consumer stores this word, so the owner reads back its own store.</summary>
    internal ulong LoadConsumer() => Volatile.Read(ref *_consumer);

    /// <summary>Release. Pairs with the control dependency on data_tail in __perf_output_begin, and with
    /// <see cref="SharedRingWords.LoadConsumer"/>: our reads of the records are done before the producer may write over
    /// them.</summary>
    internal void StoreConsumer(ulong position) => Volatile.Write(ref *_consumer, position);
}
