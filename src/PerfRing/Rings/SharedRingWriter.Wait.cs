using System.Diagnostics;
using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <content>Writing that waits for room.</content>
/// <remarks>The same protocol as the consumer's sleep, the other way round:
/// <code>
///   writer                                      consumer
///     waiters = 1                                 store its position
///     heavy fence                                 light fence
///     claim again: no room                        waiters = 1: exchange it for 0, wake all
///     futex_wait(waiters, 1)
/// </code>
/// Several writers share the word: whoever is woken and finds no room sets it again.</remarks>
// SAFETY: the word that is slept on lies in the mapping, which stays until the use that is under way has ended.
public sealed unsafe partial class SharedRingWriter
{
    /// <summary>The longest sleep where the consumer's fence can't be run from here, and wakeups may get lost.</summary>
    private const long SleepWithoutFence = 1_000_000;

    private const int SpinsBeforeSleep = 50;

    /// <summary>Writes a record, waiting for room.</summary>
    /// <param name="payload">At most <see cref="LargestRecord"/> bytes; may be empty.</param>
    /// <param name="timeout">The longest wait, to a resolution of 100 ns. <see cref="Timeout.InfiniteTimeSpan"/> waits without
    /// a bound.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if there was no room within the time; counted as refused, once.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The payload can never fit, or the timeout is negative and not
    /// infinite.</exception>
    /// <exception cref="InvalidOperationException">A reservation or a batch of this writer is open, or another thread is
    /// writing.</exception>
    /// <exception cref="ObjectDisposedException">The writer is disposed, or was while it waited.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled; nothing was written or counted.</exception>
    /// <exception cref="RingCorruptedException">Somebody wrote impossible positions.</exception>
    public bool Write(ReadOnlySpan<byte> payload, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        uint length = CheckLength(payload.Length);
        if (!TryClaimWithin(length, timeout, cancellationToken, out ulong position))
            return false;

        payload.CopyTo(Payload(position, length));
        Publish(position, length, RingBufferHeader.RecordSize(length));
        Exit();
        return true;
    }

    /// <summary>Reserves space for a record that is written in place, waiting for room.</summary>
    /// <param name="length">The length of its payload: 0 to <see cref="LargestRecord"/>.</param>
    /// <param name="timeout">The longest wait, to a resolution of 100 ns. <see cref="Timeout.InfiniteTimeSpan"/> waits without
    /// a bound.</param>
    /// <param name="reservation">To be committed, or disposed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if there was no room within the time; counted as refused, once.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or can never fit; or the timeout is negative and
    /// not infinite.</exception>
    /// <exception cref="InvalidOperationException">A reservation or a batch of this writer is open, or another thread is
    /// writing.</exception>
    /// <exception cref="ObjectDisposedException">The writer is disposed, or was while it waited.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled; nothing was reserved or counted.</exception>
    /// <exception cref="RingCorruptedException">Somebody wrote impossible positions.</exception>
    public bool Reserve(
        int length, TimeSpan timeout, out SharedRingReservation reservation, CancellationToken cancellationToken = default)
    {
        uint bytes = CheckLength(length);
        reservation = default;
        if (!TryClaimWithin(bytes, timeout, cancellationToken, out ulong position))
            return false;

        reservation = Reserved(position, bytes);
        return true;
    }

    /// <summary>Wakes the writers that wait for room. By the consumer; and by whoever wants one of them to look up.</summary>
    internal static void WakeWaiters(SharedRingWords words)
    {
        if (Volatile.Read(ref *words.SpaceWaiters) != 0 && Interlocked.Exchange(ref *words.SpaceWaiters, 0) != 0)
            FutexCall.Wake(words.SpaceWaiters, int.MaxValue);
    }

    /// <summary>Wakes the writers that wait for room, whatever the word says. By a new consumer.</summary>
    internal static void WakeAllWaiters(SharedRingWords words)
    {
        Volatile.Write(ref *words.SpaceWaiters, 0);
        FutexCall.Wake(words.SpaceWaiters, int.MaxValue);
    }

    /// <summary>Enters, and claims; leaves if that fails.</summary>
    private bool TryClaimWithin(uint length, TimeSpan timeout, CancellationToken cancellationToken, out ulong position)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "Zero, more, or Timeout.InfiniteTimeSpan.");

        Enter();
        SharedRingClaim claim;
        try
        {
            uint size = RingBufferHeader.RecordSize(length);
            claim = TryClaim(size, length, out position);
            if (claim is SharedRingClaim.Full or SharedRingClaim.Held)
                claim = Await(size, length, Deadline.After(timeout), cancellationToken, out position);
        }
        catch
        {
            Exit();
            throw;
        }

        if (claim == SharedRingClaim.Made)
            return true;

        Refuse(claim);
        return false;
    }

    private SharedRingClaim Await(
        uint size, uint length, long deadline, CancellationToken cancellationToken, out ulong position)
    {
        // A token that is canceled by now runs the callback here, before the first sleep looks at it.
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static writer => ((SharedRingWriter)writer!).WakeWaitingWriters(), this);
        int round = 0;
        while (true)
        {
            // The clock is read before the last look: who was held up in between still looks once more.
            long left = deadline == Deadline.None ? Deadline.None : deadline - Stopwatch.GetTimestamp();
            SharedRingClaim claim = TryClaim(size, length, out position);
            if (claim is SharedRingClaim.Made or SharedRingClaim.Corrupted || left <= 0)
                return claim;

            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
            if (++round < SpinsBeforeSleep)
            {
                Thread.SpinWait(round);
                continue;
            }

            // Held: nobody announces that a writer which was stopped runs on, or was killed.
            if (claim == SharedRingClaim.Held)
            {
                Thread.Sleep(1);
                continue;
            }

            // Nothing wakes a consumer whose threshold lies beyond the ring's end, but this.
            _sleep.WakeWhenFull();
            claim = SleepForRoom(size, length, left, cancellationToken, out position);
            if (claim == SharedRingClaim.Made)
                return claim;
        }
    }

    private SharedRingClaim SleepForRoom(
        uint size, uint length, long longest, CancellationToken cancellationToken, out ulong position)
    {
        Volatile.Write(ref *_words.SpaceWaiters, 1);
        if (!_fence.TryHeavy())
            longest = Math.Min(longest, SleepWithoutFence);

        SharedRingClaim claim = TryClaim(size, length, out position);
        if (claim != SharedRingClaim.Full || cancellationToken.IsCancellationRequested || Volatile.Read(ref _isDisposed))
            return claim;

        // Whatever ends it, a signal too: the caller looks and computes what is left of its time.
        // Never long: who took the word back may have been killed before it woke, or another one set it anew in between.
        FutexCall.Wait(_words.SpaceWaiters, 1, Math.Min(longest, SharedRingSleep.Longest));
        return claim;
    }

    private void WakeWaitingWriters()
    {
        bool held = false;
        try
        {
            _mapping.DangerousAddRef(ref held);
            WakeWaiters(_words);
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits with a mapping that is gone.
        }
        finally
        {
            if (held)
                _mapping.DangerousRelease();
        }
    }
}
