using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

public sealed partial class BpfUserRing
{
    /// <summary>A program that drains with BPF_RB_NO_WAKEUP tells nobody: only the clock finds the room that it made.</summary>
    private static readonly long LongestDelay = Deadline.Nanoseconds(Wakeup.DefaultLongestDelay);

    private readonly OpenReservations _open = new();

    /// <summary>Reserves room for a record, if there is room now.</summary>
    /// <param name="length">Bytes of the record, 0 to <see cref="LargestRecord"/>.</param>
    /// <param name="reservation">To be submitted or discarded.</param>
    /// <returns>False if the ring is too full now.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or more than <see cref="LargestRecord"/>: there
    /// never would be room.</exception>
    /// <exception cref="InvalidOperationException">Another thread reserves or writes, or 64 reservations are open.</exception>
    /// <exception cref="RingCorruptedException">Somebody else writes into the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public bool TryReserve(int length, out BpfUserReservation reservation) =>
        Reserve(length, TimeSpan.Zero, out reservation, CancellationToken.None);

    /// <summary>Reserves room for a record, and waits for the kernel to drain if there is none.</summary>
    /// <param name="length">Bytes of the record, 0 to <see cref="LargestRecord"/>.</param>
    /// <param name="timeout">The longest wait, to a resolution of 100 ns. Zero only looks;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits without a bound.</param>
    /// <param name="reservation">To be submitted or discarded.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if the ring was too full until the timeout.</returns>
    /// <remarks>A drain wakes the caller, or, if the program passes BPF_RB_NO_WAKEUP, is found within 10 ms. Nothing behind an
    /// open reservation is drained: a wait beside one may be for ever.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or more than <see cref="LargestRecord"/>: there
    /// never would be room. Or the timeout is negative and not infinite.</exception>
    /// <exception cref="InvalidOperationException">Another thread reserves or writes, or 64 reservations are open.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    /// <exception cref="RingCorruptedException">Somebody else writes into the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed, or was while this waited.</exception>
    public bool Reserve(
        int length, TimeSpan timeout, out BpfUserReservation reservation, CancellationToken cancellationToken = default)
    {
        if ((uint)length > (uint)LargestRecord)
            ThrowTooLong(length, nameof(length));

        ThrowIfNegative(timeout);
        BeginReserve();
        try
        {
            int slot = _open.FindSlot();
            if (!TryClaim(length, timeout, cancellationToken, out ulong position))
            {
                reservation = default;
                return false;
            }

            _ring.KeepMemory();
            _open.Open(slot, position);
            reservation = new BpfUserReservation(this, slot, position, length);
            return true;
        }
        finally
        {
            EndReserve();
        }
    }

    /// <summary>Writes and submits a record, if there is room now.</summary>
    /// <param name="bytes">The record, at most <see cref="LargestRecord"/>; may be empty.</param>
    /// <returns>False if the ring is too full now.</returns>
    /// <inheritdoc cref="TryReserve" path="/exception"/>
    public bool TryWrite(ReadOnlySpan<byte> bytes) => Write(bytes, TimeSpan.Zero, CancellationToken.None);

    /// <summary>Writes and submits a record, and waits for the kernel to drain if there is no room.</summary>
    /// <param name="bytes">The record, at most <see cref="LargestRecord"/>; may be empty.</param>
    /// <param name="timeout">The longest wait, to a resolution of 100 ns. Zero only looks;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits without a bound.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if the ring was too full until the timeout.</returns>
    /// <inheritdoc cref="Reserve" path="/exception"/>
    public bool Write(ReadOnlySpan<byte> bytes, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (bytes.Length > LargestRecord)
            ThrowTooLong(bytes.Length, nameof(bytes));

        ThrowIfNegative(timeout);
        BeginReserve();
        try
        {
            if (!TryClaim(bytes.Length, timeout, cancellationToken, out ulong position))
                return false;

            // The ring can't be closed meanwhile, as a reserve is under way.
            bytes.CopyTo(_ring.Bytes(position, bytes.Length));
            if (!_ring.TryFinish(position, bytes.Length, discard: false))
                ThrowChanged(position, bytes.Length);

            return true;
        }
        finally
        {
            EndReserve();
        }
    }

    internal Span<byte> BytesOf(int slot, ulong position, int length)
    {
        // Whoever took the place has discarded the record, and may have given its memory away.
        if (!_open.IsOpen(slot, position) || _place.IsReplaced)
            BpfUserReservation.ThrowEnded();

        return _ring.Bytes(position, length);
    }

    /// <summary>Ends a reservation, the first time; also after Dispose.</summary>
    internal void End(int slot, ulong position, int length, bool discard)
    {
        if (!_open.TryEnd(slot, position))
            return;

        bool finished = !_place.IsReplaced && _ring.TryFinish(position, length, discard);
        _ring.ReleaseMemory();
        if (!finished && !discard)
            ThrowChanged(position, length);
    }

    private bool TryClaim(int length, TimeSpan timeout, CancellationToken cancellationToken, out ulong position)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _ring.TryClaim(length, out position)
            || (timeout != TimeSpan.Zero && Await(length, timeout, cancellationToken, out position));
    }

    private bool Await(int length, TimeSpan timeout, CancellationToken cancellationToken, out ulong position)
    {
        long look = Stopwatch.GetTimestamp();
        long deadline = Deadline.Later(look, timeout);

        // Registering runs the callback at once if the token is canceled by now: the wait then ends at once.
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static waiter => ((EpollWaiter)waiter!).Wake(), _waiter);
        while (true)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            cancellationToken.ThrowIfCancellationRequested();
            if (_ring.TryClaim(length, out position))
                return true;

            // The look that found no room must itself have begun after the deadline: the thread may have been held up.
            if (look >= deadline)
                return false;

            // No fence is needed before the sleep: the kernel tests no word of ours before it wakes. An edge that comes
            // between the look and the sleep stays in the epoll set and ends the sleep.
            long now = Stopwatch.GetTimestamp();
            long left = deadline == Deadline.None ? LongestDelay : deadline - now;
            _waiter.Wait(Math.Max(0, Math.Min(left, LongestDelay - (now - look))));
            look = Stopwatch.GetTimestamp();
        }
    }

    private static void ThrowIfNegative(TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "Zero, more, or Timeout.InfiniteTimeSpan.");
    }

    [DoesNotReturn]
    private void ThrowTooLong(int length, string parameter) => throw new ArgumentOutOfRangeException(
        parameter, length, $"A record has 0 to {LargestRecord} bytes ({nameof(LargestRecord)}) in this ring of {BufferSize}.");

    [DoesNotReturn]
    private static void ThrowChanged(ulong position, int length) => throw new RingCorruptedException(
        $"somebody else changed the header of a record of {length} bytes that was reserved here, and it was not submitted",
        position, (uint)length);
}
