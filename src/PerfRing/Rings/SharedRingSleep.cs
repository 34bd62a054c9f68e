using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>How the consumer of a shared ring sleeps, and how it is woken.</summary>
/// <remarks>
/// <code>
///   consumer                                       producer, after it has published
///     countdown or wake position
///     sleep = what wakes                             light fence
///     heavy fence                                    sleep = 0, the usual case: done
///     look again: nothing                            what wakes is not there yet: done
///     futex_wait(sleep, what wakes)                  CAS(sleep, what wakes, 0), futex_wake
/// </code>
/// The fences make one of the two see the other's store (<see cref="SharedFence"/>). Between the look and the sleep, the kernel
/// compares the word again: whoever wakes has stored 0 before.
/// </remarks>
// SAFETY: the words lie in a mapping that whoever holds this struct keeps alive.
internal readonly unsafe struct SharedRingSleep(SharedRingWords words)
{
    /// <summary>Awake: nobody has to be woken.</summary>
    internal const uint Awake = 0;

    /// <summary>Every record wakes.</summary>
    internal const uint Immediate = 1;

    /// <summary>The record wakes with which the countdown reaches 0.</summary>
    internal const uint Events = 2;

    /// <summary>The record wakes with which the producer position reaches the wake position.</summary>
    internal const uint Bytes = 3;

    /// <summary>Asleep until its own time is up.</summary>
    internal const uint Polled = 4;

    /// <summary>The longest sleep in one piece: a peer that was killed after it took a word back, and before its call, has
    /// woken nobody, and nobody else will.</summary>
    internal const long Longest = 100_000_000;

    private readonly SharedRingWords _words = words;

    /// <summary>Says that the consumer is about to sleep. A fence and a look at the ring must follow.</summary>
    /// <param name="wakeup">What wakes.</param>
    /// <param name="consumer">The consumer position: everything before the thresholds is counted from here.</param>
    /// <returns>What is to be slept on.</returns>
    internal uint Announce(Wakeup wakeup, ulong consumer)
    {
        uint sleep = wakeup.Kind switch
        {
            WakeupKind.Events => Events,
            WakeupKind.Bytes => Bytes,
            WakeupKind.Polled => Polled,
            _ => Immediate,
        };

        if (sleep == Events)
            _words.Countdown = wakeup.Threshold;
        else if (sleep == Bytes)
            _words.WakePosition = consumer + (ulong)wakeup.Threshold;

        // Release: the thresholds are there before producers look at them.
        Volatile.Write(ref *_words.Sleep, sleep);
        return sleep;
    }

    /// <summary>Sleeps as long as nobody has changed the word.</summary>
    /// <param name="announced">What was announced.</param>
    /// <param name="nanoseconds">The longest sleep; negative for no bound.</param>
    /// <param name="tail">Where the consumer is.</param>
    internal void Sleep(uint announced, long nanoseconds, ulong tail)
    {
        long left = nanoseconds < 0 ? Deadline.None : nanoseconds;
        while (left > Longest)
        {
            FutexCall.Wait(_words.Sleep, announced, Longest);
            if (Load() != announced || IsDue(announced, tail))
                return;

            // Ended early, by a signal, costs some of the sleep; the caller looks and sleeps again.
            if (left != Deadline.None)
                left -= Longest;
        }

        FutexCall.Wait(_words.Sleep, announced, left);
    }

    /// <summary>Whether what was waited for is there, and the one who should have said so was killed.</summary>
    private bool IsDue(uint announced, ulong tail) => announced switch
    {
        Immediate => _words.LoadProducer() != tail,
        Events => Volatile.Read(ref _words.Countdown) <= 0,
        Bytes => (long)(_words.LoadProducer() - Volatile.Read(ref _words.WakePosition)) >= 0,
        _ => false,
    };

    /// <summary>Says that the consumer is awake.</summary>
    /// <returns>Whether somebody else had said so before: a producer woke it.</returns>
    internal bool EndSleep(uint announced) => Interlocked.Exchange(ref *_words.Sleep, Awake) != announced;

    /// <summary>Wakes a consumer that is gone.</summary>
    internal void Forget() => Volatile.Write(ref *_words.Sleep, Awake);

    /// <summary>Ends the consumer's sleep, whatever it waits for. By the consumer's own process.</summary>
    internal void Interrupt()
    {
        Volatile.Write(ref *_words.Sleep, Awake);
        FutexCall.Wake(_words.Sleep, 1);
    }

    /// <summary>What the consumer sleeps on now. The fence must be between this and the store of the position.</summary>
    internal uint Load() => Volatile.Read(ref *_words.Sleep);

    /// <summary>Wakes the consumer if what it waits for has come.</summary>
    /// <param name="sleep">What it sleeps on, not 0.</param>
    /// <param name="producer">Where the producer is.</param>
    /// <param name="records">How many records were published since the last call.</param>
    internal void WakeIfDue(uint sleep, ulong producer, int records)
    {
        bool due = sleep switch
        {
            Immediate => true,
            Events => Interlocked.Add(ref _words.Countdown, -records) <= 0,
            Bytes => (long)(producer - Volatile.Read(ref _words.WakePosition)) >= 0,
            _ => false,
        };
        if (due)
            Wake(sleep);
    }

    /// <summary>Wakes a consumer that waits for more than there is room for.</summary>
    internal void WakeWhenFull()
    {
        uint sleep = Load();
        if (sleep is Immediate or Events or Bytes)
            Wake(sleep);
    }

    private void Wake(uint sleep)
    {
        // Only one of several producers makes the call.
        if (Interlocked.CompareExchange(ref *_words.Sleep, Awake, sleep) == sleep)
            FutexCall.Wake(_words.Sleep, 1);
    }
}
