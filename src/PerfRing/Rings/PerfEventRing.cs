using PerfRing.Memory;

namespace PerfRing;

/// <summary>The ring of perf events of one CPU, written forward: the kernel refuses what does not fit.</summary>
/// <remarks>
/// <code>
///   page 0            page 1 ................................ page 2^n
///   | data_head      | records, 8-byte aligned, header first |
///   | data_tail      |   a record may wrap from the end ...  |  ... to the start: the only one that is copied
/// </code>
/// linux/perf_event.h, kernel/events/ring_buffer.c. A header never straddles the end, as everything is 8-byte aligned.
/// </remarks>
internal sealed unsafe partial class PerfEventRing : Ring
{
    /// <summary>With its page of words it is what any user may lock for each CPU: kernel.perf_event_mlock_kb is 516.</summary>
    internal const int DefaultSize = 512 * 1024;

    private readonly Mapping _mapping;
    private readonly PerfRecordMemory _memory;
    private readonly RingCursor _cursor;
    private ulong _tail;

    /// <summary>The batch: where it began, the producer's position then, and how much of that the budget allows.</summary>
    private ulong _start;
    private ulong _snapshot;
    private ulong _end;

    /// <param name="mapping">The whole mapping, now owned by the ring.</param>
    /// <param name="pageSize">Bytes in front of the records.</param>
    /// <param name="origin">What the records have in common.</param>
    internal PerfEventRing(Mapping mapping, int pageSize, RecordOrigin origin)
        : base(origin)
    {
        // SAFETY: the mapping begins with perf_event_mmap_page, and lives as long as this ring.
        _mapping = mapping;
        _memory = new PerfRecordMemory(mapping, pageSize, origin.Layout);
        _cursor = RingCursor.OfPerfPage(mapping.Address);
        _tail = _end = _snapshot = _walked = _furthest = _accounted = _cursor.LoadConsumer();
    }

    internal override ulong Capacity => _memory.Size;

    internal override ulong AvailableBytes => Math.Min(_cursor.LoadProducer() - Volatile.Read(ref _tail), _memory.Size);

    internal override ulong Tail => _tail;

    internal override ulong LoadProducer() => _cursor.LoadProducer();

    internal override bool TrySnapshot(ref RecordAllowance budget)
    {
        _end = _snapshot = _cursor.LoadProducer();
        _start = _walked = _furthest = _tail;
        if (_snapshot == _tail)
            return false;

        if (!budget.IsUnlimited)
            _end = Bound(ref budget);

        return _end != _tail;
    }

    internal override void ReleaseAll()
    {
        ulong abandoned = 0;
        for (ulong position = Furthest; position != _end;)
        {
            if (!_memory.TryMeasure(position, _end, out uint size, out RecordKind kind))
            {
                SkipTo(position);
                break;
            }

            // A notice that nobody looked at still counts what it says, but is no record of the producer's.
            if (!Account(position, size, kind))
                abandoned++;

            position += size;
        }

        if (abandoned != 0)
            Losses.Abandon(abandoned);

        _walked = _furthest = _end;
        Publish(_end);
    }

    internal override bool TryReleaseThrough(scoped in Record record)
    {
        ulong position = record.Kind == RecordKind.Gap ? _snapshot : _memory.PositionAfter(record, _start);
        if ((long)(position - _tail) <= 0)
            return true;

        if ((long)(position - Furthest) > 0)
            return false;

        // Only the end of a record is a place for the tail. A gap ends at the snapshot, which is one.
        ulong at = _tail;
        while (record.Kind != RecordKind.Gap && (long)(position - at) > 0)
        {
            if (!_memory.TryMeasure(at, _end, out uint size, out _))
                return false;

            at += size;
        }

        if (record.Kind != RecordKind.Gap && at != position)
            return false;

        Publish(position);
        return true;
    }

    internal override void ReleaseVisited() => Publish(Furthest);

    public override void Dispose() => _mapping.Dispose();

    /// <summary>The one store of the consumer position, and the only place that moves it.</summary>
    private void Publish(ulong position)
    {
        if (position == _tail)
            return;

        Volatile.Write(ref _tail, position);
        _cursor.StoreConsumer(position);
    }

    /// <summary>Walks the headers for as long as the budget lasts.</summary>
    private ulong Bound(ref RecordAllowance budget)
    {
        ulong position = _tail;
        while (position != _snapshot)
        {
            // Impossible content is for the walk to find: let the batch reach it.
            if (!_memory.TryMeasure(position, _snapshot, out uint size, out _))
                return _snapshot;

            if (!budget.TryTake(size))
                return position;

            position += size;
        }

        return position;
    }
}
