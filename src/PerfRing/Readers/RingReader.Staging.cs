using System.Diagnostics;

namespace PerfRing;

public abstract partial class RingReader
{
    /// <summary>The size of each staging ring in bytes, as it was rounded; 0 without staging. Where rings of the kernel differ,
    /// that of the first.</summary>
    public long StagingCapacity => _rings[0].Kernel is null ? 0 : (long)_rings[0].Capacity;

    /// <summary>What fills the rings; null where the kernel does, or other processes.</summary>
    internal virtual Staging? StagedBy => null;

    /// <summary>Whether what was in the kernel's rings when the flush began can be read, as far as it ever will. Starts the
    /// flush.</summary>
    private bool IsStagedForFlush()
    {
        // Whoever asks holds the rings, or the reader is disposed and they may be gone: then nothing is staged any more.
        if (_rings[0].Kernel is null || IsDisposed)
            return true;

        if (!_flushing)
            StartFlush();

        for (int i = 0; i < _rings.Length; i++)
        {
            ulong staged = _rings[i].LoadReadable();
            if ((long)(staged - _flushTargets![i]) < 0 && !IsStuckAt(_rings[i], staged))
                return false;
        }

        return true;
    }

    /// <summary>Whether the thread has waited long enough for an unfinished record.</summary>
    private bool IsStuckAt(Ring ring, ulong staged)
    {
        // The header is one from behind the thread if that has moved on meanwhile, and the kernel has written there again. The thread
        // publishes before it releases, so that this look tells.
        return ring.Kernel!.IsBusyAt(staged) && Stopwatch.GetTimestamp() >= _flushPatience && ring.LoadReadable() == staged;
    }

    /// <summary>Whether a flush waits for the thread, which may have to wait for an unfinished record that nobody announces.</summary>
    private bool AwaitsStaging(Ring ring) => _flushing && ring.Kernel is not null;
}
