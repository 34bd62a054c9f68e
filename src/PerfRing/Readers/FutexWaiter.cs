namespace PerfRing;

/// <summary>Waits for a shared ring, in a futex in its memory: no descriptor has to be passed, and writers make a system call
/// only when they wake.</summary>
internal sealed class FutexWaiter : Waiter
{
    /// <summary>The longest sleep where the writers' fence can't be run from here, and wakeups may get lost.</summary>
    private const long SleepWithoutFence = 1_000_000;

    private readonly SharedRecordRing _ring;
    private readonly Wakeup _wakeup;
    private uint _announced;
    private bool _isFenced;
    private int _isInterrupted;

    internal FutexWaiter(SharedRecordRing ring, Wakeup wakeup)
    {
        _ring = ring;
        _wakeup = wakeup;
    }

    internal override void Prepare()
    {
        // Who asked for a threshold or a timer wants to sleep that long. Nor is there anything to linger for where there is
        // something that can't be read.
        if (_wakeup.Kind == WakeupKind.Immediate && !_ring.IsHeldUp && _ring.Linger())
            return;

        _announced = _ring.Announce(_wakeup, out _isFenced);
    }

    internal override void Wait(long nanoseconds)
    {
        if (_announced == SharedRingSleep.Awake)
            return;

        // Looked at after the announcement: whoever interrupts sets this first and takes back the announcement then.
        if (Interlocked.Exchange(ref _isInterrupted, 0) == 0)
        {
            if (!_isFenced)
                nanoseconds = Math.Min(nanoseconds, SleepWithoutFence);

            _ring.SleepOn(_announced, nanoseconds == Deadline.None ? -1 : nanoseconds);
        }

        bool isWoken = _ring.EndSleep(_announced);
        _announced = SharedRingSleep.Awake;
        if (Interlocked.Exchange(ref _isInterrupted, 0) == 0 && isWoken)
            Wakeups++;
    }

    internal override void StandDown()
    {
        if (_announced == SharedRingSleep.Awake)
            return;

        _ring.EndSleep(_announced);
        _announced = SharedRingSleep.Awake;
    }

    internal override void Wake()
    {
        Interlocked.Exchange(ref _isInterrupted, 1);
        _ring.Interrupt();
    }

    public override void Dispose()
    {
    }
}
