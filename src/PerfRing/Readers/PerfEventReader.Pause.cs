using PerfRing.Interop;

namespace PerfRing;

public sealed partial class PerfEventReader
{
    private readonly PauseMethod _pauseMethod;
    private volatile bool _paused;

    /// <summary>Whether the output of a ring may be stopped: also after a pause that failed half-way.</summary>
    private bool _isStopped;

    /// <summary>Whether the rings are paused.</summary>
    public bool IsPaused => _paused;

    /// <summary>Keeps the kernel from writing into the rings. What they hold stays readable; the events go on counting. From
    /// any thread; idempotent.</summary>
    /// <remarks>With an overwriting <see cref="BufferMode"/> this is the moment of the recording: it waits until no CPU writes
    /// any more (membarrier(2), about 15 ms), and the reads that follow deliver what the rings held.</remarks>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Pause() => Held(() =>
    {
        lock (_changing)
        {
            if (_paused)
                return;

            _isStopped = true;
            SetOutput(paused: true);
            if (BufferMode != BufferMode.Forward)
                WaitForWriters();

            _paused = true;
        }
    });

    /// <summary>Lets the kernel write again. From any thread; idempotent.</summary>
    /// <remarks>With an overwriting <see cref="BufferMode"/> it ends the recording: records that were not read by then are
    /// gone, and counted as abandoned when the next recording is read.</remarks>
    /// <exception cref="InvalidOperationException">The reader overwrites, and a batch is out or a read is under way: the kernel
    /// would write over what is being read.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Resume()
    {
        if (BufferMode == BufferMode.Forward)
        {
            Held(EndPause);
            return;
        }

        // Reads are kept out by being one.
        BeginRead();
        try
        {
            EndPause();
        }
        finally
        {
            EndRead();
        }
    }

    private protected override void ThrowIfUnreadable()
    {
        if (BufferMode != BufferMode.Forward && !_paused)
        {
            throw new InvalidOperationException(
                "An overwriting ring is written while it would be read: call Pause before reading, and Resume afterwards.");
        }
    }

    private void EndPause()
    {
        lock (_changing)
        {
            if (!_isStopped)
                return;

            // First, so that no read begins after this, should it have been allowed to come between.
            _paused = false;
            SetOutput(paused: false);
            _isStopped = false;
        }
    }

    private void SetOutput(bool paused)
    {
        if (_pauseMethod == PauseMethod.Output)
        {
            foreach (PerfEventDescriptor owner in _owners)
                owner.PauseOutput(paused);
        }
        else if (paused)
        {
            _slots.Empty();
            foreach (Ring ring in Rings)
                ring.Losses.MarkUnknown();
        }
        else
        {
            _slots.Refill();
        }
    }

    /// <summary>Runs on every CPU of a set once. A record is written with preemption off: once this thread has run on a CPU,
    /// whoever was writing there is done. On a CPU that is offline nobody writes.</summary>
    internal static void Visit(CpuSet cpus)
    {
        foreach (int cpu in cpus)
        {
            try
            {
                using CpuAffinity visit = CpuAffinity.Pin(cpu);
            }
            catch (SystemCallException e) when (e.Errno == Errno.EINVAL && PerfEventDescriptor.IsOffline(cpu))
            {
            }
        }
    }

    /// <summary>Pausing does not wait for a CPU that is in the middle of a record.</summary>
    private void WaitForWriters()
    {
        // Refused where CPUs run without a tick, or by a seccomp filter.
        if (Membarrier.WaitForWriters() != 0)
            Visit(Cpus);
    }
}
