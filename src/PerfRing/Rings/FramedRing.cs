using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>A ring whose records have a header of eight bytes, in memory that is mapped twice in a row so that no record wraps:
/// BPF ring buffers and shared rings.</summary>
/// <remarks>
/// <code>
///   tail                                             snapshot
///   | written | discarded | written | BUSY | written |
///     shown     passed over  shown    the batch ends here: what lies behind it has to wait
/// </code>
/// kernel/bpf/ringbuf.c. A BUSY record is still being written by a producer that reserved it; a producer may be preempted at
/// that for long. Impossible content ends the ring: <see cref="RingCorruptedException"/>.
/// </remarks>
internal abstract unsafe partial class FramedRing : Ring
{
    /// <summary>How often a BUSY head is looked at again before the reader turns to something else: producers are mostly done
    /// within a microsecond.</summary>
    private const int BusySpins = 20;
    private const int BusyYields = 2;

    /// <summary>How often a look begins anew because it found nothing but discarded records: a program that reserves and
    /// discards all the time must not keep the reader from its deadline, nor from its other rings.</summary>
    private const int Passes = 4;

    /// <summary>How many records of producers that are gone one pass goes over: finding that out takes some microseconds each.</summary>
    private const int OrphansAPass = 64;

    private readonly byte* _data;
    private readonly ulong _mask;
    private ulong _tail;
    private bool _heldUp;
    private bool _unsettled;

    /// <summary>The batch: the producer's position when it began, and how much of that it holds.</summary>
    private ulong _snapshot;
    private ulong _end;

    /// <param name="data">The first byte of the records.</param>
    /// <param name="size">Bytes for records, a power of two; as many again behind them are the same memory.</param>
    /// <param name="cursor">The two words.</param>
    /// <param name="origin">What the records have in common.</param>
    // SAFETY: the derived class owns the mappings behind data and cursor until Dispose.
    private protected FramedRing(byte* data, ulong size, RingCursor cursor, RecordOrigin origin)
        : base(origin)
    {
        _data = data;
        _mask = size - 1;
        Cursor = cursor;
        _tail = _end = _snapshot = _walked = _furthest = _accounted = cursor.LoadConsumer();
    }

    internal override ulong Capacity => _mask + 1;

    internal override ulong AvailableBytes
    {
        get
        {
            // The producer first, so that the answer is never more than there was.
            ulong producer = LoadProducer();
            long bytes = (long)(producer - Volatile.Read(ref _tail));
            return bytes <= 0 ? 0 : Math.Min((ulong)bytes, Capacity + (Kernel?.Capacity ?? 0));
        }
    }

    internal override ulong Tail => _tail;

    // What is unfinished is not staged. The second look tells whether the header was one that the thread had left behind by then.
    internal override bool IsHeldUp => _heldUp
        || (Kernel is { } kernel && Cursor.LoadProducer() == _tail && kernel.IsBusyAt(_tail) && Cursor.LoadProducer() == _tail);

    internal override bool IsUnsettled => _unsettled;

    private protected RingCursor Cursor { get; }

    /// <summary>What was found wrong with the ring; it is not read any more then.</summary>
    private protected RingCorruptedException? Corruption { get; private set; }

    internal override ulong LoadProducer() => Kernel?.LoadProducer() ?? Cursor.LoadProducer();

    internal override ulong LoadReadable() => Cursor.LoadProducer();

    internal override bool TrySnapshot(ref RecordAllowance budget)
    {
        for (int pass = 0; ; pass++)
        {
            if (Corruption is not null)
                throw Corruption;

            _snapshot = TakeSnapshot();
            CheckSnapshot();
            _heldUp = _unsettled = false;
            ulong first = _tail;
            bool found = TryFindFirst(ref first);
            if (!found && IsCutShort)
                _heldUp = true;

            if (first != _tail)
            {
                // Nothing but discarded records in front. They are released at once, so the fence is needed here, and another
                // look: the producer of what comes next may have seen the old position and wake nobody.
                _end = first;
                Publish(first);
                RingCursor.FenceBeforeLook();
                if (pass + 1 < Passes)
                    continue;

                _unsettled = true;
                return false;
            }

            _walked = _furthest = _batch = _tail;
            _end = found ? _snapshot : _tail;
            if (found && !budget.IsUnlimited)
                _end = Bound(ref budget);

            return _end != _tail;
        }
    }

    internal override void ReleaseAll()
    {
        ulong abandoned = 0;
        ulong position = Furthest;
        while ((long)(_end - position) > 0)
        {
            uint word = LoadWord(position);
            if ((word & RingBufferHeader.Busy) != 0 || RingBufferHeader.RecordSize(word) > _end - position)
                break;

            uint size = RingBufferHeader.RecordSize(word);
            if ((word & RingBufferHeader.Discard) != 0)
                CountDiscarded(position, size);
            else
                abandoned++;

            position += size;
        }

        if (abandoned != 0)
            Losses.Abandon(abandoned);

        _end = _walked = _furthest = position;
        Publish(position);
    }

    internal override bool TryReleaseThrough(scoped in Record record)
    {
        // SAFETY: addresses only. The memory is there twice, and a record may begin in either half.
        ulong offset = (ulong)(record.Start - _data);
        ulong position = _tail + ((offset - _tail) & _mask) + record.Size;
        if ((long)(position - Furthest) > 0)
        {
            // Released before, through this record or a later one: its place lies behind the tail.
            return (long)(position - Capacity - _tail) <= 0 && (long)(position - Capacity - _batch) > 0;
        }

        // Only the end of a record is a place for the tail.
        ulong at = _tail;
        while ((long)(position - at) > 0)
            at += RingBufferHeader.RecordSize(LoadWord(at));

        if (at != position)
        {
            ThrowIfChanged(at);
            return false;
        }

        Publish(position);
        return true;
    }

    internal override void ReleaseVisited() => Publish(Furthest);

    /// <summary>Where the producer is, which is as far as the batch may go.</summary>
    private protected virtual ulong TakeSnapshot() => Cursor.LoadProducer();

    /// <summary>Whether the snapshot ends in front of a record that is not finished, instead of at the producer.</summary>
    private protected virtual bool IsCutShort => false;

    /// <summary>Gives the memory before a position back to the producers.</summary>
    private protected virtual void Release(ulong position) => Cursor.StoreConsumer(position);

    /// <summary>Asks whether the producer of a record that is BUSY is gone. Then the record is passed over.</summary>
    private protected virtual bool IsOrphaned(ulong position, ulong header) => false;

    /// <summary>Continues elsewhere: for rings that are not ours to consume.</summary>
    private protected void Jump(ulong position) =>
        Volatile.Write(ref _tail, _end = _walked = _furthest = _accounted = _batch = position);

    // SAFETY: the mask keeps the offset within the first of the two halves, so that as many bytes follow as the ring has.
    private protected byte* Address(ulong position) => _data + (position & _mask);

    private uint LoadWord(ulong position) => (uint)RingCursor.LoadHeader(Address(position));

    /// <summary>Whether a record with this first word can be at a position: it lies before the snapshot, whole.</summary>
    private bool Fits(ulong position, uint word) => RingBufferHeader.RecordSize(word) <= _snapshot - position;

    /// <summary>The one place that moves the tail.</summary>
    private void Publish(ulong position)
    {
        if (position == _tail || Corruption is not null)
            return;

        if ((long)(position - _walked) > 0)
            _walked = position;
        if ((long)(position - _furthest) > 0)
            _furthest = position;

        Volatile.Write(ref _tail, position);
        Release(position);
    }

    private void CheckSnapshot()
    {
        ulong unread = _snapshot - _tail;
        if (unread > Capacity || ((_snapshot | _tail) & 7) != 0)
        {
            throw Corrupt($"the producer's position is {(unread > Capacity ? $"{unread} bytes from the consumer's in a ring of {Capacity}"
                : "no multiple of 8")}", _snapshot, _snapshot);
        }
    }

    /// <summary>Passes over discarded records; looks a while at one that is BUSY.</summary>
    /// <returns>Whether there is a record to show at the position.</returns>
    private bool TryFindFirst(ref ulong position)
    {
        int orphans = 0;
        while (position != _snapshot)
        {
            uint word = LoadWord(position);
            if ((word & RingBufferHeader.Busy) != 0)
            {
                if (orphans++ == OrphansAPass)
                    return false;

                if (IsStillBusy(position, ref word))
                {
                    _heldUp = true;
                    return false;
                }
            }

            uint size = Measure(position, _snapshot, word);
            if ((word & RingBufferHeader.Discard) == 0)
                return true;

            CountDiscarded(position, size);
            position += size;
        }

        return false;
    }

    /// <summary>Waits a moment for the producer of a record, and asks in the end whether there still is one.</summary>
    /// <returns>False if the record can be shown, or passed over: then the discard bit is set in the word.</returns>
    private bool IsStillBusy(ulong position, ref uint word)
    {
        for (int i = 0; i < BusySpins + BusyYields; i++)
        {
            if (i < BusySpins)
                Thread.SpinWait(8);
            else
                Thread.Yield();

            word = LoadWord(position);
            if ((word & RingBufferHeader.Busy) == 0)
                return false;
        }

        if (!IsOrphaned(position, RingCursor.LoadHeader(Address(position))))
            return true;

        // It may have finished just before it was gone.
        word = LoadWord(position);
        if ((word & RingBufferHeader.Busy) == 0)
            return false;

        // Counted as what it is, and not as discarded.
        if ((long)(position - _accounted) >= 0)
        {
            _accounted = position + RingBufferHeader.RecordSize(word);
            Losses.Orphan();
        }

        word = (word & RingBufferHeader.LengthMask) | RingBufferHeader.Discard;
        return false;
    }

    /// <summary>Walks the headers for as long as the budget lasts.</summary>
    private ulong Bound(ref RecordAllowance budget)
    {
        ulong position = _tail;
        while (position != _snapshot)
        {
            // What can't be, and what is not there yet, is for the walk to find.
            uint word = LoadWord(position);
            if ((word & RingBufferHeader.Busy) != 0 || !Fits(position, word))
                return position == _tail ? _snapshot : position;

            uint size = RingBufferHeader.RecordSize(word);
            if ((word & RingBufferHeader.Discard) == 0 && !budget.TryTake(size))
                return position;

            position += size;
        }

        return position;
    }

    /// <summary>Records that were shown lead from one to the next as far as the walk got, unless somebody has changed them
    /// since.</summary>
    private void ThrowIfChanged(ulong at)
    {
        ulong furthest = Furthest;
        while ((long)(furthest - at) > 0)
            at += RingBufferHeader.RecordSize(LoadWord(at));

        if (at != furthest)
            throw Corrupt("the records were changed after they were read", furthest, at);
    }

    /// <summary>The size of a record, which has to lie before an end whole: also where it was measured before, since whoever
    /// writes into the ring may have changed its header meanwhile.</summary>
    private uint Measure(ulong position, ulong end, uint word)
    {
        uint size = RingBufferHeader.RecordSize(word);
        return size <= end - position ? size : throw Corrupt(
            $"a record of {size} bytes can't be where {end - position} were written", position,
            RingCursor.LoadHeader(Address(position)));
    }

    /// <summary>Notes what is wrong. The caller throws it, and so does every read from now on.</summary>
    private protected RingCorruptedException Corrupt(string what, ulong position, ulong header) =>
        Corruption = new RingCorruptedException(what, position, header);
}
