using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>Writes records into a <see cref="SharedRing"/>.</summary>
/// <remarks>
/// <para>One thread at a time, and one reservation at a time, but for <see cref="Dispose"/>. Nothing here allocates. While the
/// reader is awake, writing makes no system call.</para>
/// <para>A record that finds no room is not written, and counted as refused: the reader's ledger knows it too.</para>
/// </remarks>
// SAFETY: a position is masked and a multiple of 8, and the data is mapped twice in a row, so that a header and a payload of at
// most the capacity lie in the mapping wherever they begin. The mapping stays until the use that is under way has ended.
public sealed unsafe partial class SharedRingWriter : IDisposable
{
    private readonly Descriptor _file;
    private readonly SharedRingMapping _mapping;
    private readonly SharedRingWords _words;
    private readonly SharedRingSleep _sleep;
    private readonly SharedFence _fence;
    private readonly byte* _data;
    private readonly ulong _mask;
    private readonly ulong _capacity;
    private readonly bool _isMany;
    private readonly ulong _lockWord;
    private readonly int _slot;

    /// <summary>The high half of each header.</summary>
    private readonly ulong _owner;

    /// <summary>What the slot's writers had refused before.</summary>
    private readonly ulong _refusedBefore;
    private ulong _refused;

    /// <summary>Where the next record begins; with one producer only.</summary>
    private ulong _position;

    /// <summary>Up to where there was room when the consumer position was loaded last.</summary>
    private ulong _limit;

    /// <summary>What was found where a position or an owner should have been.</summary>
    private ulong _impossible;

    private ulong _reserved;
    private uint _reservedLength;

    private SharedRingWriter(Descriptor file, SharedRingMapping mapping, SharedRingOwner owner)
    {
        _file = file;
        _mapping = mapping;
        _words = mapping.Words;
        _sleep = new SharedRingSleep(_words);
        _fence = new SharedFence(mapping.Geometry.IsAsymmetric);
        _data = mapping.Data;
        _capacity = mapping.Geometry.Capacity;
        _mask = _capacity - 1;
        _isMany = mapping.Geometry.ManyProducers;
        _slot = owner.Slot;
        _owner = (ulong)owner.Word << 32;
        _lockWord = owner.LockWord;
        _refusedBefore = _words.SlotRefused(_slot);
        CheckPositions();
    }

    /// <summary>Records that found no room, or no lock, since this writer was opened. From any thread.</summary>
    public long Refused => (long)Volatile.Read(ref _refused);

    /// <summary>The longest payload.</summary>
    public int LargestRecord => (int)(_capacity - RingBufferHeader.Size);

    /// <summary>Writes a record, if there is room.</summary>
    /// <param name="payload">At most <see cref="LargestRecord"/> bytes; may be empty.</param>
    /// <returns>False if there is no room, or if another writer has stopped in the middle of a claim for several milliseconds;
    /// counted as refused.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The payload can never fit.</exception>
    /// <exception cref="InvalidOperationException">A reservation or a batch of this writer is open, or another thread is
    /// writing.</exception>
    /// <exception cref="ObjectDisposedException">The writer is disposed.</exception>
    /// <exception cref="RingCorruptedException">Somebody wrote impossible positions.</exception>
    public bool TryWrite(ReadOnlySpan<byte> payload)
    {
        uint length = CheckLength(payload.Length);
        Enter();
        uint size = RingBufferHeader.RecordSize(length);
        SharedRingClaim claim = TryClaim(size, length, out ulong position);
        if (claim != SharedRingClaim.Made)
        {
            Refuse(claim);
            return false;
        }

        payload.CopyTo(Payload(position, length));
        Publish(position, length, size);
        Exit();
        return true;
    }

    /// <summary>Reserves space for a record that is written in place.</summary>
    /// <param name="length">The length of its payload: 0 to <see cref="LargestRecord"/>. The bytes are whatever was there
    /// before.</param>
    /// <param name="reservation">To be committed, or disposed. Until then the reader gets nothing that was reserved later,
    /// also of other writers.</param>
    /// <returns>False if there is no room, or if another writer has stopped in the middle of a claim for several milliseconds;
    /// counted as refused.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or can never fit.</exception>
    /// <exception cref="InvalidOperationException">A reservation or a batch of this writer is open, or another thread is
    /// writing.</exception>
    /// <exception cref="ObjectDisposedException">The writer is disposed.</exception>
    /// <exception cref="RingCorruptedException">Somebody wrote impossible positions.</exception>
    public bool TryReserve(int length, out SharedRingReservation reservation)
    {
        uint bytes = CheckLength(length);
        Enter();
        SharedRingClaim claim = TryClaim(RingBufferHeader.RecordSize(bytes), bytes, out ulong position);
        if (claim != SharedRingClaim.Made)
        {
            Refuse(claim);
            reservation = default;
            return false;
        }

        reservation = Reserved(position, bytes);
        return true;
    }

    /// <summary>Ends a reservation.</summary>
    /// <returns>False if it had ended.</returns>
    internal bool TryEnd(uint generation, bool isDiscarded)
    {
        if (generation != _generation || _use != InReservation)
            return false;

        uint size = RingBufferHeader.RecordSize(_reservedLength);
        if (!isDiscarded)
            Publish(_reserved, _reservedLength, size);

        // With one producer nothing was announced, and the next record begins at the same place.
        else if (_isMany)
            Publish(_reserved, _reservedLength | RingBufferHeader.Discard, size);

        _mapping.IsSeen = false;
        Exit();
        return true;
    }

    /// <summary>Looks at both positions at one moment, as far as there is one: others may be moving them.</summary>
    private void CheckPositions()
    {
        const int attempts = 100;
        for (int i = 0; i < attempts; i++)
        {
            ulong consumer = _words.LoadConsumer();
            _position = _limit = _words.LoadProducer();
            if (_words.LoadConsumer() != consumer)
                continue;

            if ((_position & 7) != 0 || Measure(consumer, _position, 0) == SharedRingClaim.Corrupted)
                throw Corrupted();

            return;
        }

        // The consumer never stood still. Its position is checked with each claim; this one is not, with one producer.
        if ((_position & 7) != 0)
            throw Corrupted();
    }

    private SharedRingReservation Reserved(ulong position, uint length)
    {
        _reserved = position;
        _reservedLength = length;
        _use = InReservation;
        _mapping.IsSeen = true;
        return new SharedRingReservation(this, ++_generation, Payload(position, length));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Payload(ulong position, uint length) =>
        new(_data + (position & _mask) + RingBufferHeader.Size, (int)length);

    /// <summary>Makes a record visible, and wakes the consumer if it sleeps and waits for this.</summary>
    /// <param name="position">Where the record is.</param>
    /// <param name="length">Of its payload, with the discard bit.</param>
    /// <param name="size">What it takes in the ring.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Publish(ulong position, uint length, uint size)
    {
        Complete(position, length);
        if (!_isMany)
        {
            _position = position + size;
            _words.StoreProducer(_position);
        }

        WakeConsumer(1);
    }

    /// <summary>Release. Pairs with the consumer's acquire of the header: the payload is there before BUSY goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Complete(ulong position, uint length) =>
        Volatile.Write(ref *(ulong*)(_data + (position & _mask)), _owner | length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WakeConsumer(int records)
    {
        _fence.Light();
        uint sleep = _sleep.Load();
        if (sleep != SharedRingSleep.Awake)
            WakeIfDue(sleep, records);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeIfDue(uint sleep, int records) =>
        _sleep.WakeIfDue(sleep, _isMany ? _words.LoadProducer() : _position, records);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint CheckLength(int length)
    {
        // The mask is the capacity less 1, so less 7 it is the largest record. Unsigned: negative lengths are too long as well.
        if ((uint)length > (uint)_mask - 7)
            ThrowTooLong(length);

        return (uint)length;
    }

    [DoesNotReturn]
    private void ThrowTooLong(int length) => throw new ArgumentOutOfRangeException(
        nameof(length), length, $"A record of this ring has 0 to {LargestRecord} bytes.");

    /// <summary>Ends a use that got no space.</summary>
    /// <exception cref="RingCorruptedException">That was the reason.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(SharedRingClaim claim)
    {
        if (claim != SharedRingClaim.Corrupted)
            CountRefused(claim);

        RingCorruptedException? corrupted = claim == SharedRingClaim.Corrupted ? Corrupted() : null;
        Exit();
        if (corrupted is not null)
            throw corrupted;
    }

    private void CountRefused(SharedRingClaim claim)
    {
        ulong refused = _refused + 1;
        Volatile.Write(ref _refused, refused);

        // Nobody else writes the slot while its lock is held here.
        Volatile.Write(ref _words.SlotRefused(_slot), _refusedBefore + refused);

        // A threshold that the ring has no room for would never be reached.
        if (claim == SharedRingClaim.Full)
            _sleep.WakeWhenFull();
    }

    private RingCorruptedException Corrupted() => new(
        "a position or the lock of the shared ring is none that a writer or a reader stores", _words.LoadProducer(), _impossible);
}
