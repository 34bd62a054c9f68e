using System.Diagnostics;

namespace PerfRing;

public abstract partial class RingReader
{
    private long _flushesRequested;
    private long _flushesReported;
    private ulong[]? _flushTargets;
    private long _flushPatience;
    private bool _flushing;

    /// <summary>How many flushes were reported. For the consumer.</summary>
    internal long FlushesReported => _flushesReported;

    /// <summary>Starts what was requested, and tells once when it is done.</summary>
    /// <remarks>The targets are taken by the consumer, so they lie at or behind where the rings were when
    /// <see cref="Flush"/> was called. Records that arrive later do not put the end off: only the tails are compared.</remarks>
    private bool FlushIsDue()
    {
        if (!IsFlushed())
            return false;

        _flushing = false;
        _flushesReported++;
        return true;
    }

    /// <summary>Starts what was requested, and tells whether it is done.</summary>
    private bool IsFlushed()
    {
        if (!_flushing)
        {
            if (Volatile.Read(ref _flushesRequested) == _flushesReported)
                return false;

            StartFlush();
        }

        for (int i = 0; i < _rings.Length; i++)
        {
            if ((long)(_rings[i].Tail - _flushTargets![i]) < 0 && !IsStuck(_rings[i]))
                return false;
        }

        return true;
    }

    private void StartFlush()
    {
        _flushTargets ??= new ulong[_rings.Length];
        for (int i = 0; i < _rings.Length; i++)
            _flushTargets[i] = _rings[i].LoadProducer();

        // With staging the targets are the kernel's positions, and the thread has to move what lies before them.
        StagedBy?.Hurry();
        _flushPatience = Deadline.After(PatienceWithUnfinished);
        _flushing = true;
    }

    /// <summary>Whether a ring has been held up for so long that the flush ends in front of its unfinished record.</summary>
    private bool IsStuck(Ring ring) => ring.IsHeldUp && Stopwatch.GetTimestamp() >= _flushPatience;
}
