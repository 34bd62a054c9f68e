using PerfRing.Memory;

namespace PerfRing;

/// <summary>A perf ring that the kernel writes backwards and never finds full: it holds the newest records, for a flight
/// recorder. Read only while its output is paused.</summary>
/// <remarks>
/// <code>
///   data_head falls as the kernel writes; the newest record begins at it, the older ones follow
///
///            data_head                            data_head + size
///   ------------|========|======|====|======|~~~~|---------------
///               | newest |      |    | oldest     \ truncated: what came last was written over its end
///               a walk from record to record runs this way ---->
/// </code>
/// The mapping is read-only, which is what tells the kernel to overwrite, so there is no consumer position to publish: what
/// was delivered is remembered instead. The base class thinks of a producer that counts up, which here is minus data_head.
/// </remarks>
internal sealed unsafe class OverwritingPerfRing : Ring
{
    private readonly Mapping _mapping;
    private readonly PerfRecordMemory _memory;
    private readonly RingCursor _cursor;
    private readonly bool _oldestFirst;

    /// <summary>Where the records of the snapshot begin, newest first. Grows to what the ring holds, and is kept.</summary>
    private ulong[] _starts = new ulong[64];

    /// <summary>The entries of the snapshot: its records, and one more for damage behind the oldest of them.</summary>
    private int _records;
    private int _entries;

    /// <summary>Entries that were delivered or given up, in the order of delivery.</summary>
    private int _done;

    /// <summary>Entries whose loss notices and gaps were counted, and the bytes behind the last whole record.</summary>
    private int _accounted;
    private ulong _skipped;

    /// <summary>The batch: its first entry, how many it has, how many this walk and the longest one have shown.</summary>
    private int _first;
    private int _length;
    private int _shown;
    private int _furthest;

    /// <summary>How many bytes had been written at the snapshot, and at the one before it.</summary>
    private ulong _written;
    private ulong _before;

    /// <param name="mapping">The whole mapping, read-only, now owned by the ring.</param>
    /// <param name="pageSize">Bytes in front of the records.</param>
    /// <param name="origin">What the records have in common.</param>
    /// <param name="oldestFirst">Whether to deliver in the order of writing instead of from the newest back.</param>
    internal OverwritingPerfRing(Mapping mapping, int pageSize, RecordOrigin origin, bool oldestFirst)
        : base(origin)
    {
        // SAFETY: the mapping begins with perf_event_mmap_page, and lives as long as this ring.
        _mapping = mapping;
        _memory = new PerfRecordMemory(mapping, pageSize, origin.Layout);
        _cursor = RingCursor.OfPerfPage(mapping.Address);
        _oldestFirst = oldestFirst;
        _written = _before = LoadProducer();
    }

    internal override ulong Capacity => _memory.Size;

    internal override ulong AvailableBytes => Math.Min(LoadProducer() - Tail, _memory.Size);

    internal override ulong Tail => Volatile.Read(ref _done) == _entries ? _written : _before;

    // Its records are written over as soon as it is resumed, whoever holds them.
    internal override MappedMemory? Memory => null;

    internal override ulong Extent(ulong from, ulong most) => throw new NotSupportedException();

    internal override bool TryFindPayload(ulong position, ulong extent, out uint size, out uint offset, out uint length) =>
        throw new NotSupportedException();

    internal override uint LargestSize(ulong extent) => throw new NotSupportedException();

    internal override void ReleaseTo(ulong position) => throw new NotSupportedException();

    internal override ulong LoadProducer() => 0 - _cursor.LoadProducer();

    internal override bool TrySnapshot(ref RecordAllowance budget)
    {
        ulong written = LoadProducer();
        if (written != _written)
            TakeSnapshot(written);

        _first = _done;
        _shown = _furthest = _length = 0;
        int left = _entries - _done;
        if (budget.IsUnlimited)
            _length = left;
        else
        {
            while (_length < left && budget.TryTake(SizeOf(_first + _length)))
                _length++;
        }

        return _length != 0;
    }

    internal override void Restart()
    {
        _furthest = Math.Max(_furthest, _shown);
        _shown = 0;
    }

    internal override bool Next(byte* position, ulong chunk, out Stretch stretch)
    {
        stretch = default;
        if (_shown == _length)
            return false;

        int entry = InMemory(_first + _shown);
        if (entry == _records || !TryShow(_starts[entry], ref stretch))
            _memory.ShowGap(_skipped, ref stretch);

        Account(_first + _shown);
        _shown++;
        stretch.Origin = Origin;

        // One record at a time: only this ring knows which comes next.
        stretch.Next = stretch.Limit = stretch.Record;
        return true;
    }

    internal override void Visit(byte* position)
    {
        // Every record comes through Next, which counts.
    }

    internal override bool TryReleaseThrough(scoped in Record record)
    {
        // Nothing to publish: what is done with is only remembered, so that it is not delivered again.
        for (int i = 0; i < Math.Max(_furthest, _shown); i++)
        {
            if (Is(record, InMemory(_first + i)))
            {
                _done = Math.Max(_done, _first + i + 1);
                return true;
            }
        }

        return false;
    }

    internal override void ReleaseVisited() => _done = Math.Max(_done, _first + Math.Max(_furthest, _shown));

    internal override void ReleaseAll()
    {
        ulong abandoned = 0;
        for (int i = _first + Math.Max(_furthest, _shown); i < _first + _length; i++)
        {
            if (Account(i))
                abandoned++;
        }

        if (abandoned != 0)
            Losses.Abandon(abandoned);

        _done = _first + _length;
    }

    public override void Dispose() => _mapping.Dispose();

    /// <summary>From the order of delivery to the order in memory, where the newest comes first.</summary>
    private int InMemory(int entry) => _oldestFirst ? _entries - 1 - entry : entry;

    /// <summary>Finds the records that were written since the last snapshot.</summary>
    private void TakeSnapshot(ulong written)
    {
        GiveUpRest();
        _before = _written;
        _written = written;
        _done = _records = _accounted = 0;

        ulong head = 0 - written;
        ulong span = written - _before;
        bool lapped = span > _memory.Size;
        if (lapped)
        {
            span = _memory.Size;
            Losses.MarkUnknown();
        }

        ulong end = head + span;
        ulong position = head;
        uint size;
        Stretch shown = default;

        // Bodies are looked at as well: behind a record whose lengths contradict each other everything is suspect.
        while (_memory.TryMeasure(position, end, out size, out RecordKind kind)
            && _memory.TryShow(position, size, kind, ref shown))
        {
            if (_records == _starts.Length)
                Array.Resize(ref _starts, _starts.Length * 2);

            _starts[_records++] = position;
            position += size;
        }

        // A lap ends in the middle of the oldest record. Anything else that does not come out even is damage.
        _skipped = end - position;
        bool isCut = lapped && size > _skipped && (size & 7) == 0;
        _entries = _records + (position != end && !isCut ? 1 : 0);
    }

    /// <summary>Counts what the last recording held and nobody read. Its memory may be written over by now, so that loss
    /// notices among it count as records.</summary>
    private void GiveUpRest()
    {
        int records = _entries - _done;
        int damage = _oldestFirst ? 0 : _records;
        if (_entries != _records && damage >= _done)
        {
            records--;
            if (damage >= _accounted)
                Losses.Skip(_skipped);
        }

        if (records != 0)
            Losses.Abandon((ulong)records);
    }

    /// <summary>Counts what an entry says was lost, the first time that it passes.</summary>
    /// <returns>Whether it is a record of the producer's.</returns>
    private bool Account(int delivery)
    {
        int entry = InMemory(delivery);
        bool isFirst = delivery >= _accounted;
        if (isFirst)
            _accounted = delivery + 1;

        if (entry == _records
            || !_memory.TryMeasure(_starts[entry], 0 - _written + _memory.Size, out uint size, out RecordKind kind))
        {
            if (isFirst)
                Losses.Skip(_skipped);

            return false;
        }

        if (kind is not (RecordKind.Lost or RecordKind.LostSamples))
            return true;

        if (isFirst)
            Losses.Notice(_memory.LossIn(_starts[entry], size, kind));

        return false;
    }

    private uint SizeOf(int entry) =>
        InMemory(entry) is int index && index < _records
        && _memory.TryMeasure(_starts[index], _starts[index] + _memory.Size, out uint size, out _) ? size : 0;

    private bool TryShow(ulong start, ref Stretch stretch) =>
        _memory.TryMeasure(start, 0 - _written + _memory.Size, out uint size, out RecordKind kind)
        && _memory.TryShow(start, size, kind, ref stretch);

    private bool Is(scoped in Record record, int entry) => record.Kind == RecordKind.Gap
        ? entry == _records
        : entry < _records && _memory.PositionAfter(record, 0 - _written) - record.Size == _starts[entry];
}
