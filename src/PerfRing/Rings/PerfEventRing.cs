using PerfRing.Memory;

namespace PerfRing;

/// <summary>The ring of perf events of one CPU: a page of words shared with the kernel, then 2^n pages of records.</summary>
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
    /// <summary>The largest record: perf_event_header.size has 16 bits, and records are multiples of 8.</summary>
    private const int LargestRecord = 65_528;

    private readonly Mapping _mapping;
    private readonly RingCursor _cursor;
    private readonly byte* _data;
    private readonly ulong _size;
    private readonly ulong _mask;

    /// <summary>Where a record that wraps is put together. Pinned, so that it has an address like ring memory.</summary>
    private readonly byte[] _scratch;

    /// <summary>Where a <see cref="RecordKind.Gap"/> is made.</summary>
    private readonly byte[] _gap = GC.AllocateArray<byte>(GapSize, pinned: true);

    private ulong _tail;
    private ulong _snapshot;
    private ulong _end;

    /// <param name="mapping">The whole mapping, now owned by the ring.</param>
    /// <param name="pageSize">Bytes in front of the records.</param>
    /// <param name="origin">What the records have in common.</param>
    internal PerfEventRing(Mapping mapping, int pageSize, RecordOrigin origin)
        : base(origin)
    {
        _mapping = mapping;
        _size = mapping.Length - (nuint)pageSize;
        _mask = _size - 1;

        // SAFETY: the mapping begins with perf_event_mmap_page and the records follow it; both live as long as _mapping.
        _cursor = RingCursor.OfPerfPage(mapping.Address);
        _data = mapping.Address + pageSize;
        _scratch = GC.AllocateUninitializedArray<byte>((int)Math.Min(_size, LargestRecord), pinned: true);
        _tail = _end = _snapshot = _walked = _furthest = _accounted = _cursor.LoadConsumer();
    }

    internal override ulong Capacity => _size;

    internal override bool HasRecords => _cursor.LoadProducer() != _tail;

    internal override ulong AvailableBytes => Math.Min(_cursor.LoadProducer() - Volatile.Read(ref _tail), _size);

    internal override ulong Tail => _tail;

    internal override ulong LoadProducer() => _cursor.LoadProducer();

    internal override bool TrySnapshot(ref RecordAllowance budget)
    {
        _end = _snapshot = _cursor.LoadProducer();
        _walked = _furthest = _tail;
        if (_snapshot == _tail)
            return false;

        if (!budget.IsUnlimited)
            _end = Bound(ref budget);

        return _end != _tail;
    }

    internal override void ReleaseAll()
    {
        ulong abandoned = 0;
        for (ulong position = Furthest; position != _end; abandoned++)
        {
            if (!TryMeasure(position, _end, out uint size, out RecordKind kind))
            {
                SkipTo(position);
                break;
            }

            // A notice that nobody looked at still counts what it says, but is no record of the producer's.
            if (Account(position, size, kind))
                abandoned--;

            position += size;
        }

        if (abandoned != 0)
            Losses.Abandon(abandoned);

        Publish(_end);
    }

    internal override void ReleaseThrough(scoped in Record record)
    {
        ulong position = PositionAfter(record);
        if ((long)(position - _tail) > 0 && (long)(_end - position) >= 0)
            Publish(position);
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
            if (!TryMeasure(position, _snapshot, out uint size, out _))
                return _snapshot;

            if (!budget.TryTake(size))
                return position;

            position += size;
        }

        return position;
    }
}
