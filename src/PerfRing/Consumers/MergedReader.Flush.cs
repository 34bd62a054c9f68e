namespace PerfRing;

public sealed partial class MergedReader
{
    private long _flushesRequested;
    private long _flushesReported;
    private long _flushPatience;
    private ulong _flushTime;
    private FlushStage _flush;

    private enum FlushStage
    {
        None,

        /// <summary>What was in the rings is being taken from them.</summary>
        Taking,

        /// <summary>It is held, and being delivered.</summary>
        Delivering,
    }

    /// <summary>Makes the merge deliver, in order, everything that it holds and that is in the rings now, without holding it back any
    /// longer; and then report <see cref="ReadStatus.Flushed"/> once for this call. From any thread; does not wait.</summary>
    /// <remarks>A flush of one of the readers does the same. What arrives afterwards with an earlier stamp is late. A record that its
    /// producer has reserved and not finished is waited for, 100 ms at most.</remarks>
    /// <exception cref="ObjectDisposedException">The merge is disposed.</exception>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Interlocked.Increment(ref _flushesRequested);
        _waiter.Wake();
    }

    /// <summary>Notes where the rings are, if a flush was requested.</summary>
    private void BeginFlush()
    {
        foreach (MergeInput input in _inputs)
        {
            while (input.Reader.TryTakeFlush())
                Interlocked.Increment(ref _flushesRequested);
        }

        if (_flush != FlushStage.None || Volatile.Read(ref _flushesRequested) == _flushesReported)
            return;

        foreach (MergeInput input in _inputs)
            input.MarkFlush();

        _flushPatience = Deadline.Later(Now(), PatienceWithUnfinished);
        _flush = FlushStage.Taking;
    }

    /// <summary>After a sweep: looks whether it took everything that the flush is about.</summary>
    private void SettleFlush()
    {
        if (_flush != FlushStage.Taking)
            return;

        bool isPatient = Now() < _flushPatience;
        foreach (MergeInput input in _inputs)
        {
            if (!input.IsFlushed(isPatient))
                return;
        }

        _store.BeginFlush();
        _flushTime = _store.Latest;
        _flush = FlushStage.Delivering;
    }

    private bool FlushIsDone()
    {
        if (_flush != FlushStage.Delivering || _store.FlushLeft != 0)
            return false;

        _flush = FlushStage.None;
        _flushesReported++;
        return true;
    }
}
