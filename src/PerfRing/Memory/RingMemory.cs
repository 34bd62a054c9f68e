using PerfRing.Abi;

namespace PerfRing.Memory;

/// <summary>Where the two words and the records of a ring are, for whoever takes part natively.</summary>
internal readonly unsafe struct RingMemory
{
    private readonly byte* _producer;
    private readonly byte* _consumer;
    private readonly byte* _records;

    // SAFETY: whoever uses the addresses keeps the mapping that they lie in.
    private RingMemory(byte* producer, byte* consumer, byte* records, ulong size)
    {
        _producer = producer;
        _consumer = consumer;
        _records = records;
        Size = size;
    }

    /// <summary>Bytes for records; a power of two.</summary>
    internal ulong Size { get; }

    /// <summary>The words, to look at them.</summary>
    internal RingCursor Cursor => RingCursor.OfPages(_producer, _consumer);

    /// <summary>A perf ring, or memory that is laid out like one.</summary>
    internal static RingMemory OfPerf(Mapping mapping, int pageSize)
    {
        PerfEventMmapPage* page = (PerfEventMmapPage*)mapping.Address;
        return new RingMemory(
            (byte*)&page->DataHead, (byte*)&page->DataTail, mapping.Address + pageSize, mapping.Length - (nuint)pageSize);
    }

    /// <summary>A BPF ring buffer, or memory that is laid out like one.</summary>
    /// <param name="producer">The page with the producer's word.</param>
    /// <param name="consumer">The page with the consumer's word.</param>
    /// <param name="records">The records.</param>
    /// <param name="size">Their bytes.</param>
    internal static RingMemory OfBpf(byte* producer, byte* consumer, byte* records, ulong size) =>
        new(producer, consumer, records, size);

    /// <summary>Sets both words of a ring that nobody uses yet.</summary>
    internal void Begin(ulong position)
    {
        *(ulong*)_producer = position;
        *(ulong*)_consumer = position;
    }

    /// <summary>Whether the record at a position is still being written. Acquire, as <see cref="RingCursor.LoadHeader"/>.</summary>
    // SAFETY: the mask keeps the address within the records. By now the kernel may have put something else there, which is
    // for the caller to expect.
    internal bool IsBusyAt(ulong position) =>
        ((uint)RingCursor.LoadHeader(_records + (position & (Size - 1))) & RingBufferHeader.Busy) != 0;

    /// <summary>What the native thread is told.</summary>
    /// <param name="to">The staging ring.</param>
    /// <param name="kind">One of <see cref="StageKind"/>.</param>
    /// <param name="signal">The eventfd that becomes ready when something was moved.</param>
    internal StageRing StagedTo(RingMemory to, uint kind, int signal) => new()
    {
        FromProducer = (ulong)_producer,
        FromConsumer = (ulong)_consumer,
        FromRecords = (ulong)_records,
        FromSize = Size,
        ToProducer = (ulong)to._producer,
        ToConsumer = (ulong)to._consumer,
        ToRecords = (ulong)to._records,
        ToSize = to.Size,
        Kind = kind,
        SignalFd = signal,
    };
}
