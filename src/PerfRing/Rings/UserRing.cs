using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>The arithmetic of a ring that user space writes and BPF programs drain.</summary>
/// <remarks>
/// <code>
///   offset 0          page             2 pages                2 pages + size
///   | consumer_pos    | producer_pos   | records              | the same records again
///     read-only         ours             header first, multiples of 8; none wraps
///
///        consumer                    producer                    consumer + size
///   ------|========|========|=========|---------------------------|------
///         | written| BUSY   | written |    free for new records
///                  ^ the kernel stops here until it is finished
/// </code>
/// kernel/bpf/ringbuf.c, ringbuf_map_mmap_user and bpf_user_ringbuf_drain. One thread claims at a time; records are finished from
/// any thread.
/// </remarks>
internal sealed unsafe class UserRing : IDisposable
{
    /// <summary>DYNPTR_MAX_SIZE: the kernel hands records to programs as dynptrs. A larger one, even if it is discarded, makes
    /// every drain fail with E2BIG, for ever.</summary>
    internal const int LargestDynptr = (1 << 24) - 1;

    private readonly Mapping _consumerPage;
    private readonly Mapping _memory;
    private readonly RingCursor _cursor;
    private readonly byte* _records;
    private readonly ulong _mask;

    /// <summary>What the shared word holds: only this object stores it.</summary>
    private ulong _producer;

    /// <param name="consumerPage">The first page, now owned by the ring.</param>
    /// <param name="memory">The second page and the records, twice; now owned by the ring.</param>
    /// <param name="pageSize">Bytes in front of the records.</param>
    internal UserRing(Mapping consumerPage, Mapping memory, int pageSize)
    {
        // SAFETY: behind the page with the producer's word the records are mapped twice, to the mapping's end.
        _consumerPage = consumerPage;
        _memory = memory;
        _records = memory.Address + pageSize;
        _mask = ((memory.Length - (nuint)pageSize) / 2) - 1;
        _cursor = RingCursor.OfUserRing(consumerPage.Address, memory.Address);
        _producer = _cursor.LoadProducer();
        LargestRecord = (int)Math.Min(Size - RingBufferHeader.Size, LargestDynptr);
    }

    /// <summary>Bytes for records and their headers; a power of two.</summary>
    internal ulong Size => _mask + 1;

    /// <summary>Bytes of the longest payload.</summary>
    internal int LargestRecord { get; }

    /// <summary>Bytes written and not drained.</summary>
    internal ulong AvailableBytes
    {
        get
        {
            // The producer first: the consumer may have passed what was seen of it, and then nothing is left.
            ulong producer = _cursor.LoadProducer();
            long bytes = (long)(producer - _cursor.LoadConsumer());
            return bytes <= 0 ? 0 : Math.Min((ulong)bytes, Size);
        }
    }

    /// <summary>Takes room for a record, which is BUSY from now on. One thread at a time.</summary>
    /// <param name="length">Of the payload, 0 to <see cref="LargestRecord"/>.</param>
    /// <param name="position">Where the record is.</param>
    /// <returns>False if there is no room now.</returns>
    /// <exception cref="RingCorruptedException">Somebody else produces into the ring.</exception>
    internal bool TryClaim(int length, out ulong position)
    {
        position = _producer;
        ulong found = _cursor.LoadProducer();
        if (found != position)
            throw new RingCorruptedException($"somebody else writes into this ring, which was at {position}", found, found);

        ulong used = position - _cursor.LoadConsumer();
        if (used > Size)
            throw ImpossibleDistance(position, used);

        uint size = RingBufferHeader.RecordSize((uint)length);
        if (size > Size - used)
            return false;

        RingCursor.StoreNewHeader(Address(position), (uint)length | RingBufferHeader.Busy);
        _producer = position + size;
        _cursor.StoreProducer(_producer);
        return true;
    }

    /// <summary>The payload of a record that was claimed and is not finished.</summary>
    internal Span<byte> Bytes(ulong position, int length) => new(Address(position) + RingBufferHeader.Size, length);

    /// <summary>Hands a record to the kernel, or makes the kernel pass over it. Once for each that was claimed; from any
    /// thread.</summary>
    /// <returns>False if somebody else has changed its header meanwhile.</returns>
    internal bool TryFinish(ulong position, int length, bool discard) => RingCursor.TryExchangeHeader(
        Address(position), (uint)length | RingBufferHeader.Busy, (uint)length | (discard ? RingBufferHeader.Discard : 0));

    /// <summary>Discards the records that an earlier producer left unfinished: the kernel would wait for them for ever.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="RingCorruptedException">The content is such that the kernel could never drain it.</exception>
    internal int DiscardUnfinished()
    {
        // The kernel may drain meanwhile. What it is done with stays in its place, as only a producer writes over it.
        ulong position = _cursor.LoadConsumer();
        ulong unread = _producer - position;
        if (unread > Size || (_producer & 7) != 0)
            throw ImpossibleDistance(_producer, unread);

        int discarded = 0;
        while (position != _producer)
        {
            uint word = (uint)RingCursor.LoadHeader(Address(position));
            uint length = word & RingBufferHeader.LengthMask;
            uint size = RingBufferHeader.RecordSize(word);
            if (size > _producer - position || length > LargestDynptr)
            {
                throw new RingCorruptedException(
                    $"no record of {length} bytes can be where {_producer - position} were written", position, word);
            }

            if ((word & RingBufferHeader.Busy) != 0
                && RingCursor.TryExchangeHeader(Address(position), word, length | RingBufferHeader.Discard))
            {
                discarded++;
            }

            position += size;
        }

        return discarded;
    }

    /// <summary>Keeps the records mapped, whatever becomes of this object, until <see cref="ReleaseMemory"/>.</summary>
    internal void KeepMemory()
    {
        bool kept = false;
        _memory.DangerousAddRef(ref kept);
    }

    internal void ReleaseMemory() => _memory.DangerousRelease();

    /// <summary>Unmaps the ring; the records only when nobody keeps them any more.</summary>
    public void Dispose()
    {
        _consumerPage.Dispose();
        _memory.Dispose();
    }

    // SAFETY: the mask keeps the offset within the first of the two halves, so that as many bytes follow as the ring has.
    private byte* Address(ulong position) => _records + (position & _mask);

    private RingCorruptedException ImpossibleDistance(ulong producer, ulong distance) => new(
        distance > Size
            ? $"the producer is {distance} bytes from the consumer in a ring of {Size}"
            : "the producer's position is no multiple of 8",
        producer, producer);
}
