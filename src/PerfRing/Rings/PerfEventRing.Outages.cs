namespace PerfRing;

// SAFETY: addresses of notices are handed out and compared; they are pinned, and live as long as the ring.
internal sealed unsafe partial class PerfEventRing
{
    /// <summary>Made by the watch, with the first outage.</summary>
    private OutageNotices? _notices;

    /// <summary>Of this batch: behind its last notice, how far this walk is among them, and how far an earlier one got.</summary>
    private uint _noticesEnd;
    private uint _noticesShown;
    private uint _noticesFurthest;

    /// <summary>Tells whoever reads that the CPU was away: between what is in the ring by now and what comes.</summary>
    /// <remarks>By the watch, while no event of this ring can write, so that the producer's position is the place; and before one
    /// can, so that a consumer that sees a record from behind the place also sees the notice.</remarks>
    internal override void Announce(in CpuOutage outage)
    {
        OutageNotices notices = _notices ?? new OutageNotices(Origin.Layout);
        notices.Publish(LoadProducer(), outage.Begin, outage.End!.Value);

        // Release, pairs with the acquire in SnapshotNotices.
        Volatile.Write(ref _notices, notices);
    }

    /// <summary>Notices that were published and not released.</summary>
    internal int PendingNotices =>
        Volatile.Read(ref _notices) is { } notices ? (int)(notices.Published - notices.Released) : 0;

    /// <summary>Starts a batch in front of the first notice, with none.</summary>
    /// <returns>How many there are by now; 0 for none to come.</returns>
    private uint BeginNotices()
    {
        // Acquire, pairs with the release in Announce.
        if (Volatile.Read(ref _notices) is not { } notices)
            return 0;

        _noticesEnd = _noticesShown = _noticesFurthest = notices.Released;
        return notices.Published - notices.Released;
    }

    /// <summary>Takes those into the batch that belong at or before a position.</summary>
    /// <returns>False if the budget does not last.</returns>
    private bool TakeNotices(ulong position, ref uint toCome, ref RecordAllowance budget)
    {
        for (; toCome != 0 && (long)(_notices!.PlaceOf(_noticesEnd) - position) <= 0; toCome--)
        {
            if (!budget.IsUnlimited && !budget.TryTake(0))
                return false;

            _noticesEnd++;
        }

        return true;
    }

    /// <summary>Shows the next notice, if the walk has come to its place.</summary>
    private bool TryShowNotice(ulong at, ref Stretch stretch)
    {
        if (_noticesShown == _noticesEnd || (long)(_notices!.PlaceOf(_noticesShown) - at) > 0)
            return false;

        // It takes nothing of the ring: the walk goes on where it was.
        _notices.Show(_noticesShown++, ref stretch);
        _stretch = at;
        _stretchStart = _memory.Address(at);
        _stretchLength = 0;
        stretch.Origin = Origin;
        stretch.Next = stretch.Limit = _stretchStart;
        return true;
    }

    /// <summary>How far from a position may be walked without coming to a notice.</summary>
    private ulong BeforeNotice(ulong position) => _noticesShown == _noticesEnd
        ? ulong.MaxValue
        : (ulong)Math.Max(0, (long)(_notices!.PlaceOf(_noticesShown) - position));

    private void RestartNotices()
    {
        _noticesFurthest = FurthestNotice;
        _noticesShown = _notices?.Released ?? 0;
    }

    // By their distance from the first, as the counters run free.
    private uint FurthestNotice =>
        _notices is { } notices && _noticesFurthest - notices.Released > _noticesShown - notices.Released
            ? _noticesFurthest
            : _noticesShown;

    /// <summary>Gives up the notices before one.</summary>
    private void ReleaseNotices(uint end)
    {
        if (_notices is not { } notices || end == notices.Released)
            return;

        // None of them stays behind: their distances are measured from it.
        if ((int)(end - _noticesShown) > 0)
            _noticesShown = end;
        if ((int)(end - _noticesFurthest) > 0)
            _noticesFurthest = end;
        if ((int)(end - _noticesEnd) > 0)
            _noticesEnd = end;

        notices.Release(end);
    }

    /// <summary>Gives up those that belong before a position that was released: by way of a pipe, which shows none, or through a
    /// record behind them.</summary>
    private void ReleaseNoticesBefore(ulong position)
    {
        if (_notices is not { } notices)
            return;

        uint end = notices.Released;
        for (uint published = notices.Published; end != published && (long)(notices.PlaceOf(end) - position) < 0;)
            end++;

        ReleaseNotices(end);
    }

    private bool TryReleaseThroughNotice(scoped in Record record)
    {
        if (_notices is not { } notices || !notices.Holds(record.Start))
            return false;

        // Otherwise it was released before.
        if (notices.TryFind(record.Start, FurthestNotice, out uint notice))
        {
            ulong place = notices.PlaceOf(notice);
            if ((long)(place - _tail) > 0)
                Publish(place);

            ReleaseNotices(notice + 1);
        }

        return true;
    }
}
