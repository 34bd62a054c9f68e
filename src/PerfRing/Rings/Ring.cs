using PerfRing.Memory;

namespace PerfRing;

/// <summary>One mapped buffer with a producer position and a consumer position, read by one consumer.</summary>
/// <remarks>
/// Three positions delimit a batch. All are free-running: they are compared by subtraction.
/// <code>
///   tail ........ cursor ........ end ........ producer
///    |  visited     |  to come     |  not of this batch
///    published      of the walk    of the snapshot, or of the budget
/// </code>
/// Not thread-safe, but for <see cref="AvailableBytes"/>.
/// </remarks>
// SAFETY: positions of the walk cross as addresses within the stretch that the ring handed out.
internal abstract unsafe class Ring(RecordOrigin origin) : IDisposable
{
    /// <summary>What its records have in common.</summary>
    internal RecordOrigin Origin { get; } = origin;

    /// <summary>Losses that this ring has seen pass, or caused.</summary>
    internal RingLosses Losses { get; } = new();

    /// <summary>When the CPU of this ring was away.</summary>
    internal RingOutages Outages { get; } = new();

    /// <summary>The kernel's ring that this one stages; null where records are read where they were written.</summary>
    internal KernelRing? Kernel { get; private protected init; }

    /// <summary>Bytes for records.</summary>
    internal abstract ulong Capacity { get; }

    /// <summary>Bytes that the producer never fills: the kernel tells a full ring from an empty one by the last one.</summary>
    internal virtual ulong KeptFree => 1;

    /// <summary>Bytes written and not released.</summary>
    internal abstract ulong AvailableBytes { get; }

    /// <summary>The position up to which the consumer has released.</summary>
    internal abstract ulong Tail { get; }

    /// <summary>Where the producer is now; of a staging ring, where the kernel is.</summary>
    internal abstract ulong LoadProducer();

    /// <summary>Up to where records are staged; the producer's position where nothing is.</summary>
    internal virtual ulong LoadReadable() => LoadProducer();

    /// <summary>Whether the last look found that the oldest record is still being written: what lies behind it has to
    /// wait.</summary>
    internal virtual bool IsHeldUp => false;

    /// <summary>Whether the last look gave up before it knew whether there is something: it has to be repeated before any
    /// sleep.</summary>
    internal virtual bool IsUnsettled => false;

    /// <summary>Shows an outage at its place in the stream, where the ring can: a ring that overwrites is read in pieces that
    /// have no such place. By the watch, while nothing writes.</summary>
    internal virtual void Announce(in CpuOutage outage)
    {
    }

    /// <summary>Takes the snapshot that a batch consists of.</summary>
    /// <param name="budget">What may still be delivered; what this ring will deliver is subtracted.</param>
    /// <returns>False if there is nothing, or the budget allows nothing.</returns>
    internal abstract bool TrySnapshot(ref RecordAllowance budget);

    /// <summary>Starts the walk at the first record of the snapshot.</summary>
    internal abstract void Restart();

    /// <summary>Continues the walk.</summary>
    /// <param name="position">Where the enumerator stopped; null directly after <see cref="Restart"/>.</param>
    /// <param name="chunk">The longest stretch to hand out in bytes, for batches that look at a clock in between.</param>
    /// <param name="stretch">The next record and what may be walked after it.</param>
    /// <returns>False at the end of this ring's part of the batch.</returns>
    internal abstract bool Next(byte* position, ulong chunk, out Stretch stretch);

    /// <summary>Notes that the walk got to the address, the end of the record shown last.</summary>
    internal abstract void Visit(byte* position);

    /// <summary>Publishes up to and including a record that this batch has shown.</summary>
    /// <returns>False if it has shown no such record; nothing is published then.</returns>
    internal abstract bool TryReleaseThrough(scoped in Record record);

    /// <summary>Publishes what was visited; the rest stays in the ring.</summary>
    internal abstract void ReleaseVisited();

    /// <summary>Publishes the whole batch; records that were not visited are counted as abandoned.</summary>
    internal abstract void ReleaseAll();

    /// <summary>The memory of the records, for readers that hand out sequences over it; null where records are copied or may
    /// change while they are read.</summary>
    internal abstract MappedMemory? Memory { get; }

    /// <summary>Where in <see cref="Memory"/> a position is. What does not fit behind it goes on at the start.</summary>
    internal int OffsetOf(ulong position) => (int)(position & (Capacity - 1));

    /// <summary>How far from a position whole records lie that are finished.</summary>
    /// <param name="from">The tail, or what this returned before.</param>
    /// <param name="most">Bytes after which the look may stop, if it costs something for each record.</param>
    /// <exception cref="RingCorruptedException">What is there can't have been written by a producer.</exception>
    internal abstract ulong Extent(ulong from, ulong most);

    /// <summary>Finds the payload of the record at a position.</summary>
    /// <param name="position">Where a record begins.</param>
    /// <param name="extent">What <see cref="Extent"/> returned.</param>
    /// <param name="size">What the record takes.</param>
    /// <param name="offset">Where in it the payload begins.</param>
    /// <param name="length">The payload's length; 0 if it has none, or is none to be shown.</param>
    /// <returns>False if no record can be there: the rest up to the extent is lost.</returns>
    internal abstract bool TryFindPayload(ulong position, ulong extent, out uint size, out uint offset, out uint length);

    /// <summary>The size of the largest record between the tail and an extent.</summary>
    internal abstract uint LargestSize(ulong extent);

    /// <summary>Publishes the whole records up to a position.</summary>
    /// <param name="position">Between the tail and the last extent.</param>
    internal abstract void ReleaseTo(ulong position);

    /// <inheritdoc/>
    public abstract void Dispose();
}
