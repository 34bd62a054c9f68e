using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

/// <content>What a <see cref="SharedRingBatchWriter"/> does through its writer, on the thread that began it.</content>
// SAFETY: the data's address goes to the batch, and the mapping stays until that has ended.
public sealed unsafe partial class SharedRingWriter
{
    /// <summary>Whether a record of the batch is claimed and not committed; with many producers only.</summary>
    private bool _isReservedInBatch;

    /// <summary>Begins to write many records in a row.</summary>
    /// <param name="publishEvery">After how many records they are published: 1 at once, more for throughput. What is not
    /// published when the process dies is lost; with many producers it is what the reader would have been woken for.</param>
    /// <returns>To be disposed, which publishes the rest.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    /// <exception cref="InvalidOperationException">A reservation or a batch of this writer is open, or another thread is
    /// writing.</exception>
    /// <exception cref="ObjectDisposedException">The writer is disposed.</exception>
    public SharedRingBatchWriter BeginBatch(int publishEvery = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(publishEvery, 1);
        Enter();
        _use = InBatch;
        _mapping.IsSeen = true;
        return new SharedRingBatchWriter(this, _data, _mask, _owner, ++_generation, publishEvery, _position);
    }

    /// <summary>The batch or reservation that is open, or was the last.</summary>
    internal uint Generation => _generation;

    /// <summary>Finds room for the next record of a batch.</summary>
    /// <param name="size">What it takes in the ring.</param>
    /// <param name="length">The length of its payload.</param>
    /// <param name="next">Where the batch would write it.</param>
    /// <param name="position">Where it is to be written.</param>
    /// <param name="limit">Up to where there is room; the position itself where every record has to be claimed.</param>
    /// <returns>False if there is none.</returns>
    /// <exception cref="RingCorruptedException">Somebody wrote impossible positions.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool TryMakeRoom(uint size, uint length, ulong next, out ulong position, out ulong limit)
    {
        SharedRingClaim claim;
        position = limit = next;
        if (_isMany)
        {
            claim = TryClaimMany(size, length, out ulong claimed);
            if (claim == SharedRingClaim.Made)
            {
                position = limit = _reserved = claimed;
                _reservedLength = length;
                _isReservedInBatch = true;
            }
        }
        else
        {
            claim = LookForRoom(next, size);
            limit = _limit;
        }

        if (claim == SharedRingClaim.Made)
            return true;

        if (claim == SharedRingClaim.Corrupted)
            throw Corrupted();

        CountRefused(claim);
        return false;
    }

    /// <summary>Makes the record visible that is claimed, with many producers.</summary>
    internal void CommitInBatch(ulong position)
    {
        // A copy of the batch may have committed it: somebody else's record may be there by now.
        if (!_isReservedInBatch || _reserved != position)
            ThrowCopied();

        _isReservedInBatch = false;
        Complete(position, _reservedLength);
    }

    /// <summary>Gives a record up that is claimed; with one producer nothing is.</summary>
    internal void AbandonInBatch()
    {
        if (!_isReservedInBatch)
            return;

        // Others may wait behind it.
        _isReservedInBatch = false;
        Complete(_reserved, _reservedLength | RingBufferHeader.Discard);
        WakeConsumer(1);
    }

    /// <summary>Publishes the records of a batch.</summary>
    /// <param name="generation">The batch.</param>
    /// <param name="from">Where the first of them begins, as far as the batch knows.</param>
    /// <param name="to">Where the next one will begin.</param>
    /// <param name="records">How many they are.</param>
    /// <exception cref="InvalidOperationException">The batch was disposed, or copied and published by the copy.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void PublishBatch(uint generation, ulong from, ulong to, int records)
    {
        // Before anything is touched: the writer may be disposed by now.
        if (generation != _generation)
            ThrowCopied();

        if (!_isMany)
        {
            if (_position != from)
                ThrowCopied();

            _position = to;
            _words.StoreProducer(to);
        }

        WakeConsumer(records);
    }

    internal void EndBatch(bool isReserved, ulong from, ulong to, int records)
    {
        try
        {
            if (isReserved)
                AbandonInBatch();

            if (records != 0)
                PublishBatch(_generation, from, to, records);
        }
        finally
        {
            // Copies of the batch end with it.
            _generation++;
            _mapping.IsSeen = false;
            Exit();
        }
    }

    [DoesNotReturn]
    private static void ThrowCopied() => throw new InvalidOperationException(
        "The batch was disposed, or it is a copy, and the other one was written to: pass it by reference.");
}
