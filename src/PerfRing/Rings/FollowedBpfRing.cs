using System.Runtime.InteropServices;
using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>A BPF ring buffer that is watched without consuming it: because somebody else does, or because the kernel writes over
/// what is not read in time.</summary>
/// <remarks>
/// <para>Nothing is stored, so nothing keeps the kernel from writing over what is being read. Hence records are copied, and shown
/// only if the ring then still says that they were whole while that happened:</para>
/// <code>
///   1. load the producer's position (acquire), walk the headers from where we are to it, or to the first BUSY one (acquire)
///   2. copy what was walked
///   3. fence; load the position that tells what is overwritten by now: if it passed the place where the copy began, the
///      copy is worthless: go on where a record is known to begin, and count the jump
/// </code>
/// <para>A ring that somebody consumes: memory at p may be written over once the producer is a ring's size beyond p. It takes
/// the space before it stores its position, and writes the header of the next record in front of that: so p is whole while
/// the producer is less than the size beyond it. One that overwrites (BPF_F_RB_OVERWRITE) says by itself what is left,
/// before it writes. What was copied once is shown from the copy, whatever becomes of the ring.</para>
/// </remarks>
internal sealed unsafe class FollowedBpfRing : FramedRing
{
    /// <summary>How often a copy is tried while the producer laps us.</summary>
    private const int Attempts = 4;

    private readonly Mapping _consumer;
    private readonly Mapping _records;
    private readonly Mapping _copy;
    private readonly bool _overwrites;

    /// <summary>Up to where the copy is good.</summary>
    private ulong _copied;
    private bool _isCutShort;

    // SAFETY: the mappings live until Dispose. The copy has room for a ring's size from any offset in the ring.
    private FollowedBpfRing(Mapping consumer, Mapping records, Mapping copy, bool overwrites, ulong size, RecordOrigin origin)
        : base(copy.Address, size, RingCursor.OfPages(records.Address + BpfRingPages.Producer, consumer.Address), origin)
    {
        _consumer = consumer;
        _records = records;
        _copy = copy;
        _overwrites = overwrites;

        // What was overwritten or consumed before we came is not ours to miss.
        if (!IsWhole(Tail))
            Jump(Beginning(Cursor.LoadProducer()));

        _copied = Tail;
    }

    private byte* Shared(ulong position) => _records.Address + Environment.SystemPageSize + (position & (Capacity - 1));

    // A copy is made anew with each look: nothing of it may be out while that happens.
    internal override MappedMemory? Memory => null;

    public override void Dispose()
    {
        _copy.Dispose();
        _records.Dispose();
        _consumer.Dispose();
    }

    /// <summary>Maps the ring read-only.</summary>
    /// <param name="map">The map; its descriptor may be closed afterwards.</param>
    /// <param name="size">The map's size in bytes.</param>
    /// <param name="overwrites">Whether it has BPF_F_RB_OVERWRITE.</param>
    /// <param name="origin">What the records have in common.</param>
    internal static FollowedBpfRing Open(Descriptor map, ulong size, bool overwrites, RecordOrigin origin)
    {
        (Mapping consumer, Mapping records) = BpfRing.MapPages(map, size, Mmap.ProtectionRead);
        try
        {
            Mapping copy = Mapping.MapAnonymous(2 * (nuint)size, Mmap.ProtectionRead | Mmap.ProtectionWrite);
            return new FollowedBpfRing(consumer, records, copy, overwrites, size, origin);
        }
        catch
        {
            records.Dispose();
            consumer.Dispose();
            throw;
        }
    }

    /// <summary>The same over memory that a test writes.</summary>
    internal static FollowedBpfRing Over(Mapping consumer, Mapping records, bool overwrites, ulong size, RecordOrigin origin) =>
        new(consumer, records, Mapping.MapAnonymous(2 * (nuint)size, Mmap.ProtectionRead | Mmap.ProtectionWrite), overwrites, size, origin);

    private protected override bool IsCutShort => _isCutShort;

    private protected override ulong TakeSnapshot()
    {
        // What was copied and found whole stays so. The rest of it comes before anything new is copied.
        if ((long)(_copied - Tail) > 0)
            return _copied;

        for (int i = 0; i < Attempts; i++)
        {
            ulong from = Tail;
            ulong producer = Cursor.LoadProducer();
            if (producer - from <= Capacity && TryCopy(from, producer, out ulong end))
                return _copied = end;

            ulong next = Beginning(producer);
            if (next == from)
                continue;

            Losses.Skip(Math.Min(next - from, Capacity));
            Losses.MarkUnknown();
            Jump(next);
        }

        return _copied = Tail;
    }

    private protected override void Release(ulong position)
    {
        // The position is somebody else's, or nobody's.
    }

    /// <summary>Copies whole records.</summary>
    /// <param name="from">Where to begin.</param>
    /// <param name="producer">Where the producer is.</param>
    /// <param name="end">Behind the last record that was copied, or the producer's position if what follows can't be.</param>
    /// <returns>False if the records were overwritten meanwhile.</returns>
    private bool TryCopy(ulong from, ulong producer, out ulong end)
    {
        // SAFETY: from is less than a ring's size before the producer's position. A size that was overwritten is checked
        // before it is used, and the position stays before the producer's.
        end = from;
        bool possible = true;
        while (end != producer && possible)
        {
            uint word = (uint)RingCursor.LoadHeader(Shared(end));
            if ((word & RingBufferHeader.Busy) != 0)
                break;

            possible = RingBufferHeader.RecordSize(word) <= producer - end;
            end += possible ? RingBufferHeader.RecordSize(word) : 0;
        }

        // SAFETY: the records are mapped twice and the copy is twice as long, so both are in one piece from any offset.
        _isCutShort = possible && end != producer;
        ulong length = end - from + (possible ? 0 : RingBufferHeader.Size);
        ulong offset = from & (Capacity - 1);
        Buffer.MemoryCopy(Shared(from), _copy.Address + offset, length, length);

        // The copy is not mapped twice: what lies behind the end of the ring is looked for at its start, too.
        if (offset + length > Capacity)
            Buffer.MemoryCopy(_copy.Address + Capacity, _copy.Address, offset, offset + length - Capacity);

        FenceBeforeCheck();
        if (!possible)
            end = producer;

        return IsWhole(from);
    }

    /// <summary>Between the copy and the look at how far the kernel has come by now.</summary>
    /// <remarks>On x86-64 stores are seen in the order in which they were made, and a full fence is enough. Elsewhere the payload
    /// of a later record may be seen before the position that gave it its place: the store-release of producer_pos orders what
    /// comes before it, not what comes after. There every CPU is made to pass through a quiet moment (membarrier(2), some
    /// 15 ms); where that is refused, following is best effort.</remarks>
    private static void FenceBeforeCheck()
    {
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64 || Membarrier.WaitForWriters() != 0)
            Interlocked.MemoryBarrier();
    }

    private bool IsWhole(ulong position) => _overwrites
        ? (long)(position - LoadOverwritten()) >= 0
        : Cursor.LoadProducer() - position < Capacity;

    /// <summary>A place where a record begins and that is not overwritten yet.</summary>
    private ulong Beginning(ulong producer)
    {
        ulong place = _overwrites ? LoadOverwritten() : Cursor.LoadConsumer();
        return producer - place < Capacity ? place : producer;
    }

    // SAFETY: the word is in the mapped second page. Acquire: what is read after it is at least as new. The kernel stores it before
    // it writes over what lies in front of it, see FenceBeforeCheck for what that is worth.
    private ulong LoadOverwritten() => Volatile.Read(ref *(ulong*)(_records.Address + BpfRingPages.Overwrite));
}
