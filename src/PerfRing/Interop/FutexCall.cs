namespace PerfRing.Interop;

/// <summary>futex(2) on words in memory that processes share.</summary>
internal static unsafe class FutexCall
{
    /// <summary>Sleeps until the word is woken, unless it holds something else. Also ends early, for a signal or none.</summary>
    /// <param name="word">Mapped, and aligned.</param>
    /// <param name="expected">What the word holds while one should sleep.</param>
    /// <param name="nanoseconds">The longest sleep; negative for no bound.</param>
    /// <exception cref="SystemCallException">There is no futex for this process.</exception>
    internal static void Wait(uint* word, uint expected, long nanoseconds)
    {
        int result = Shim.FutexWait(word, expected, nanoseconds);
        if (result is not (0 or -Errno.EAGAIN or -Errno.EINTR or -Errno.ETIMEDOUT) && !IsPeers(result))
            Errno.Throw(result, "futex(FUTEX_WAIT)", "sleeping at a shared ring");
    }

    /// <summary>Wakes those who sleep on a word.</summary>
    /// <param name="word">Mapped, and aligned.</param>
    /// <param name="count">The most to wake.</param>
    internal static void Wake(uint* word, int count)
    {
        int result = Shim.FutexWake(word, count, out _);
        if (!IsPeers(result))
            Errno.ThrowIfFailed(result, "futex(FUTEX_WAKE)", "waking the other side of a shared ring");
    }

    /// <summary>What another process that maps the word can make of a correct call: EINVAL where it queues on the word with
    /// priority inheritance (FUTEX_LOCK_PI, FUTEX_WAIT_REQUEUE_PI), EFAULT while it punches the page out of the file.</summary>
    private static bool IsPeers(int result) => result is -Errno.EINVAL or -Errno.EFAULT;
}
