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
    /// <param name="kernel">What is staged in the mapping, now owned by the ring; null for a ring that the kernel writes.</param>
    internal PerfEventRing(Mapping mapping, int pageSize, RecordOrigin origin, KernelRing? kernel = null)
        : base(origin)
    {
        Kernel = kernel;

        // SAFETY: the mapping begins with perf_event_mmap_page, and lives as long as this ring.
        _mapping = mapping;
        _memory = new PerfRecordMemory(mapping, pageSize, origin.Layout);
        _cursor = RingCursor.OfPerfPage(mapping.Address);
        _tail = _end = _snapshot = _walked = _furthest = _accounted = _cursor.LoadConsumer();
    }

    internal override ulong Capacity => _memory.Size;

    internal override ulong AvailableBytes
    {
        get
        {
            // The head first, so that the answer is never more than there was. The consumer may have passed it by the time
            // that the tail is looked at: then nothing is left of what was seen.
            ulong head = LoadProducer();
            long bytes = (long)(head - Volatile.Read(ref _tail));
            return bytes <= 0 ? 0 : Math.Min((ulong)bytes, _memory.Size + (Kernel?.Capacity ?? 0));
        }
    }

    internal override ulong Tail => _tail;

    internal override ulong LoadProducer() => Kernel?.LoadProducer() ?? _cursor.LoadProducer();

    internal override ulong LoadReadable() => _cursor.LoadProducer();

    internal override bool TrySnapshot(ref RecordAllowance budget)
    {
        _end = _snapshot = _cursor.LoadProducer();

        // We skipped to a head between two words, and now it is a multiple of 8 again, as all that is written from it.
        if ((_tail & 7) != 0 && (_snapshot & 7) == 0)
            _tail = (_tail + 7) & ~7ul;

        // Behind the tail it would be too far ahead: also after a damaged head that was seen, not released, and came back.
        if (_accounted - _tail > _snapshot - _tail)
            _accounted = _tail;

        _start = _walked = _furthest = _tail;
        uint notices = BeginNotices();
        if (_snapshot == _tail && notices == 0)
            return false;

        if (!budget.IsUnlimited)
            _end = Bound(notices, ref budget);
        else if (notices != 0)
            TakeNotices(_snapshot, ref notices, ref budget);

        return _end != _tail || _noticesEnd != _noticesShown;
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
        ReleaseNotices(_noticesEnd);
    }

    internal override bool TryReleaseThrough(scoped in Record record)
    {
        // A gap is the last of its batch. It ends at the snapshot, which may lie behind the tail if the head is damaged.
        if (record.Kind == RecordKind.Gap)
        {
            if (Furthest != _snapshot)
                return false;

            Publish(_snapshot);
            return true;
        }

        if (record.Kind == RecordKind.Outage)
            return TryReleaseThroughNotice(record);

        ulong position = _memory.PositionAfter(record, _start);
        if ((long)(position - _tail) <= 0)
            return true;

        if ((long)(position - Furthest) > 0)
            return false;

        // Only the end of a record is a place for the tail.
        ulong at = _tail;
        while ((long)(position - at) > 0)
        {
            if (!_memory.TryMeasure(at, _end, out uint size, out _))
                return false;

            at += size;
        }

        if (at != position)
            return false;

        Publish(position);
        return true;
    }

    internal override void ReleaseVisited()
    {
        Publish(Furthest);
        ReleaseNotices(FurthestNotice);
    }

    public override void Dispose()
    {
        _mapping.Dispose();
        Kernel?.Dispose();
    }

    /// <summary>The one store of the consumer position, and the only place that moves it.</summary>
    private void Publish(ulong position)
    {
        if (position == _tail)
            return;

        // None of them stays behind the tail: their distances are measured from it.
        ulong step = position - _tail;
        if (_walked - _tail < step)
            _walked = position;
        if (_furthest - _tail < step)
            _furthest = position;
        if (_accounted - _tail < step)
            _accounted = position;

        ReleaseNoticesBefore(position);
        Volatile.Write(ref _tail, position);
        _cursor.StoreConsumer(position);
    }

    /// <summary>Walks the headers for as long as the budget lasts.</summary>
    private ulong Bound(uint notices, ref RecordAllowance budget)
    {
        ulong position = _tail;
        while (TakeNotices(position, ref notices, ref budget) && position != _snapshot)
        {
            // Impossible content is for the walk to find, and to show as one record: let the batch reach it.
            bool possible = _memory.TryMeasure(position, _snapshot, out uint size, out _);
            if (!budget.TryTake(possible ? size : 0))
                return position;

            if (!possible)
            {
                TakeNotices(_snapshot, ref notices, ref budget);
                return _snapshot;
            }

            position += size;
        }

        return position;
    }
}
