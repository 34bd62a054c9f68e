using System.Runtime.CompilerServices;
using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

/// <content>Claiming space.</content>
/// <remarks>
/// <para><b>One producer.</b> The writer has the position to itself, and nothing in memory says that space is claimed. Commit
/// stores the header and then the position. A writer that dies before that leaves nothing behind.</para>
/// <para><b>Many producers.</b> Claims are serialized by a lock, which names its owner and is held for a handful of stores:
/// <code>
///   CAS(lock, 0, me)
///   p = producer                     die before the producer's store: whatever lies at p and beyond is never looked at,
///   header at p = length, BUSY, me   and the next claim begins at p again: the claim did not happen
///   producer = p + size
///   lock = 0                         die after it: the record is BUSY and names its owner
/// </code>
/// Whoever finds the lock held spins, yields, and asks in the end whether its owner lives. The lock of one that is gone is taken
/// over by CAS(lock, gone, me): one of several wins, and nothing but the lock has to be mended. One that lives is waited for,
/// as long as the caller wants; it is never timed out, since it could be about to store.</para>
/// <para><b>Why a claim that is taken over can't be half done.</b> The owner that is gone will never store again, and all that it
/// stored is seen by whoever has seen its file lock go. If its store of the producer position is among that, the claim is
/// complete, header first. If not, the position is where it was.</para>
/// </remarks>
public sealed unsafe partial class SharedRingWriter
{
    private const int Spins = 100;
    private const int Yields = 100;

    /// <summary>Sleeps of a millisecond: who still holds the lock was preempted, and an idle CPU can take it over.</summary>
    private const int Sleeps = 4;

    /// <summary>Claims space for a record.</summary>
    /// <param name="size">What it takes in the ring, at most the capacity.</param>
    /// <param name="length">The length of its payload.</param>
    /// <param name="position">Where it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SharedRingClaim TryClaim(uint size, uint length, out ulong position)
    {
        if (_isMany)
            return TryClaimMany(size, length, out position);

        position = _position;
        return _limit - position >= size ? SharedRingClaim.Made : LookForRoom(position, size);
    }

    // Compiled as it is to stay, and without a call between taking the lock and releasing it: where there is no call, no
    // garbage collection of this process stops the thread, and with it everybody else's writers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private SharedRingClaim TryClaimMany(uint size, uint length, out ulong position)
    {
        SharedRingClaim claim = SharedRingClaim.Made;
        position = 0;
        if (!_words.TryTakeLock(0, _lockWord) && (claim = WaitForLock()) != SharedRingClaim.Made)
            return claim;

        position = _words.LoadProducer();
        if ((position & 7) != 0)
            claim = SharedRingClaim.Corrupted;

        // Compared by subtraction. The limit seen last may lie far behind a position that others have moved on.
        else if (_limit - position > _capacity || _limit - position < size)
            claim = Measure(_words.LoadConsumer(), position, size);

        if (claim == SharedRingClaim.Made)
        {
            // SAFETY: the position is a multiple of 8 and the mask is the capacity's: 8 bytes are there.
            Volatile.Write(ref *(ulong*)(_data + (position & _mask)), _owner | RingBufferHeader.Busy | length);
            _words.StoreProducer(position + size);
        }

        _words.ReleaseLock();
        return claim;
    }

    /// <summary>Looks how far the consumer is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private SharedRingClaim LookForRoom(ulong position, uint size) => Measure(_words.LoadConsumer(), position, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SharedRingClaim Measure(ulong consumer, ulong position, uint size)
    {
        if (position - consumer > _capacity || (consumer & 7) != 0)
        {
            _impossible = consumer;
            return SharedRingClaim.Corrupted;
        }

        _limit = consumer + _capacity;
        return _limit - position >= size ? SharedRingClaim.Made : SharedRingClaim.Full;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SharedRingClaim WaitForLock()
    {
        for (int round = 0; round < Spins + Yields + Sleeps; round++)
        {
            ulong holder = _words.LoadLock();
            if (holder == 0)
            {
                if (_words.TryTakeLock(0, _lockWord))
                    return SharedRingClaim.Made;
            }
            else if (round < Spins)
            {
                Thread.SpinWait(1);
            }
            else if (!SharedRingOwner.TryReadLock(holder, out SharedRingOwner owner))
            {
                _impossible = holder;
                return SharedRingClaim.Corrupted;
            }
            else
            {
                if (SharedRingPlaces.IsGone(_file, _words, owner) && _words.TryTakeLock(holder, _lockWord))
                    return SharedRingClaim.Made;

                if (round < Spins + Yields)
                    Thread.Yield();
                else
                    Thread.Sleep(1);
            }
        }

        return SharedRingClaim.Held;
    }
}
