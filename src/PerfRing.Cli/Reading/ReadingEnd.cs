using System.Runtime.InteropServices;

namespace PerfRing.Cli.Reading;

/// <summary>Ends reading from outside of its loop: by a signal or by the clock.</summary>
/// <remarks>The end is the same for both: events that are ours stop at once, also while the loop hangs in a write, and a flush
/// makes the reader report when everything that is in the rings by then has been delivered. A second signal does what signals
/// do.</remarks>
internal sealed class ReadingEnd : IDisposable
{
    private readonly Lock _gate = new();
    private readonly RingReader _reader;
    private readonly PosixSignalRegistration[] _signals;
    private Timer? _timer;
    private bool _signalled;
    private bool _requested;
    private bool _over;

    internal ReadingEnd(RingReader reader)
    {
        _reader = reader;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    /// <summary>Ends reading when a time has passed, counted from now.</summary>
    internal void After(TimeSpan duration)
    {
        // The timer counts whole milliseconds, and none at all would be too early.
        TimeSpan rounded = TimeSpan.FromMilliseconds((long)Math.Ceiling(duration.TotalMilliseconds));
        _timer = new Timer(static end => ((ReadingEnd)end!).Request(), this, rounded, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        // A callback may be running: it must not meet a disposed reader.
        lock (_gate)
            _over = true;

        _timer?.Dispose();
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        lock (_gate)
        {
            context.Cancel = !_signalled;
            _signalled = true;
        }

        Request();
    }

    private void Request()
    {
        lock (_gate)
        {
            if (_requested || _over)
                return;

            _requested = true;

            // What others write into a ring buffer is not ours to stop.
            if (_reader is PerfEventReader events)
                events.Disable();

            _reader.Flush();
        }
    }
}
