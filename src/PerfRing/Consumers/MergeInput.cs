namespace PerfRing;

/// <summary>One reader of those that are merged.</summary>
internal sealed class MergeInput
{
    private readonly MergeRing[] _rings;
    private bool _isHeld;

    /// <exception cref="NotSupportedException">The records can't be merged.</exception>
    /// <exception cref="ArgumentException">The records carry no stamp of CLOCK_MONOTONIC, or nothing says where.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    internal MergeInput(RingReader reader, int? stampOffset, MergeStore store)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ObjectDisposedException.ThrowIf(reader.IsDisposed, reader);
        Reader = reader;
        if (reader.StampClock is { } clock and not EventClock.Monotonic)
        {
            throw new ArgumentException(
                $"The reader's stamps are of EventClock.{clock}, and the hold-back is measured by CLOCK_MONOTONIC: open it with "
                + $"{nameof(PerfEventReaderOptions)}.{nameof(PerfEventReaderOptions.Clock)} = EventClock.Monotonic.", nameof(reader));
        }

        _rings = [.. reader.MergeRings.Select(ring => new MergeRing(ring, Offset(ring, stampOffset), store))];
    }

    internal RingReader Reader { get; }

    /// <summary>Whether there will be nothing more: seen before a sweep that then took what there was.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Whether the reader is in use by the merge.</summary>
    internal bool IsHeld => _isHeld;

    /// <summary>Begins to use the reader, if there is still one.</summary>
    internal void Begin()
    {
        // Also one that is over: its set may go on announcing something, and has to be asked.
        _isHeld = Reader.TryBeginMerge();
        IsOver = !_isHeld;
    }

    internal void End()
    {
        if (_isHeld)
        {
            _isHeld = false;
            Reader.EndRead();
        }
    }

    /// <summary>Copies everything that the rings hold, and releases it.</summary>
    /// <param name="clock">The time before any ring was looked at.</param>
    internal void Sweep(ulong clock)
    {
        if (!_isHeld)
            return;

        // Looked at first: what was written before the end is in the rings by now. A disposed reader is swept for the last time.
        bool isOver = Reader.IsOver;
        foreach (MergeRing ring in _rings)
            ring.Sweep(clock);

        IsOver = isOver;
    }

    /// <summary>Notes up to where the rings were written.</summary>
    internal void MarkFlush()
    {
        if (!_isHeld)
            return;

        foreach (MergeRing ring in _rings)
            ring.MarkFlush();

        Reader.StagedBy?.Hurry();
    }

    /// <summary>Whether everything before the marks was taken.</summary>
    /// <param name="isPatient">Whether to wait for records that their producers have not finished.</param>
    internal bool IsFlushed(bool isPatient)
    {
        foreach (MergeRing ring in _rings)
        {
            if (_isHeld && !ring.IsFlushed(isPatient))
                return false;
        }

        return true;
    }

    /// <summary>How long to sleep at most after a sweep, in nanoseconds.</summary>
    internal long LongestSleep => _isHeld && !IsOver ? Reader.MergeSleep : Deadline.None;

    private static int Offset(Ring ring, int? stampOffset)
    {
        if (ring is OverwritingPerfRing)
        {
            throw new NotSupportedException(
                "A flight recorder is read while it is paused, and its records are at rest then: read its batches and sort them.");
        }

        if (ring.Origin.Framing == RecordFraming.PerfEvent)
        {
            return (ring.Origin.Layout.Fields & SampleFields.Time) != 0 ? MergeRing.StampedByKernel : throw new ArgumentException(
                "The records carry no time: open the reader with Fields that include SampleFields.Time.");
        }

        return stampOffset ?? throw new ArgumentException(
            "Records of a BPF ring buffer or a shared ring carry nothing but their payload: say where in it their producer puts a stamp of "
            + $"CLOCK_MONOTONIC, by {nameof(MergeOptions)}.{nameof(MergeOptions.StampOffset)}.");
    }
}
