using System.Runtime.InteropServices;

namespace PerfRing;

/// <summary>One ring of those that are merged: takes its records out, and keeps them in a sorted run.</summary>
internal sealed class MergeRing
{
    /// <summary>In place of an offset: the kernel's own stamp.</summary>
    internal const int StampedByKernel = -1;

    /// <summary>How far in the future a stamp may lie. The kernel's fast clock, which is read in interrupts, may be a little ahead;
    /// more than this is no stamp.</summary>
    private const ulong Skew = 10_000_000;

    private readonly Ring _ring;
    private readonly RingBatch _batch;
    private readonly MergeStore _store;
    private readonly int _stampOffset;
    private readonly int _number;
    private readonly SortedRun _run;
    private ulong _lastTime;
    private ulong _flushTarget;

    internal MergeRing(Ring ring, int stampOffset, MergeStore store)
    {
        _ring = ring;
        _batch = new RingBatch([ring], static () => { });
        _stampOffset = stampOffset;
        _store = store;
        _number = store.Add(ring.Origin, out _run);
    }

    /// <summary>Takes everything that is there at one moment, and gives its memory back at once.</summary>
    /// <param name="clock">The time before any ring was looked at.</param>
    internal void Sweep(ulong clock)
    {
        if (!_batch.TryBegin(new RecordAllowance(long.MaxValue, long.MaxValue), Timeout.InfiniteTimeSpan))
            return;

        // What a failure leaves unread was not given up.
        _batch.KeepRest();
        uint generation = _batch.Generation;
        try
        {
            // Nothing in the snapshot was stamped after this.
            Take(new RecordBatch(_batch, generation), clock, _store.Now + Skew);
        }
        finally
        {
            _batch.Release(generation);
            _store.EndTake();
        }
    }

    internal void MarkFlush() => _flushTarget = _ring.LoadProducer();

    internal bool IsFlushed(bool isPatient) =>
        (long)(_ring.Tail - _flushTarget) >= 0 || (!isPatient && _ring.IsHeldUp);

    private void Take(RecordBatch batch, ulong clock, ulong latest)
    {
        foreach (Record record in batch)
        {
            ulong time = Stamp(record, clock, latest);
            _store.Take(record, time, _number, _run);
            _lastTime = time;
        }
    }

    private ulong Stamp(scoped in Record record, ulong clock, ulong latest)
    {
        ulong time = ulong.MaxValue;
        if (_stampOffset == StampedByKernel)
            time = record.Time;
        else if (record.Payload.Length - sizeof(ulong) >= _stampOffset)
            time = MemoryMarshal.Read<ulong>(record.Payload[_stampOffset..]);

        // Neither zero nor of the future, in one comparison.
        return time - 1 < latest ? time : Doubtful(time, clock);
    }

    private ulong Doubtful(ulong time, ulong clock)
    {
        // A gap, and what else has no stamp of the kernel's, belongs where it was found in its ring.
        if (time == 0 && _stampOffset == StampedByKernel)
            return Math.Max(_lastTime, _store.Frontier);

        return time == 0 ? time : Unstamped(clock);
    }

    private ulong Unstamped(ulong clock)
    {
        _store.CountUnstamped();
        return Math.Max(clock, _store.Frontier);
    }
}
