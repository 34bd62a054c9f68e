using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PerfRing;

/// <summary>Memory for copies of many records that are given back in about the order in which they came.</summary>
/// <remarks>
/// Copies are laid one behind the other into slabs; a slab is used again when all its records were given back.
/// <code>
///   position = number of the slab, offset in it        grows with each record: it tells, too, which came first
///
///   slab 7  | given back | held | given back |         stays for the one that is held
///   slab 8  | given back ................... |         free: the next one to be filled
///   slab 9  | held | held | room ...         |         the one that is filled
/// </code>
/// What is taken from the heap stays for as long as the arena: about as much as was held at the most. Not thread-safe. A view of
/// a record that was given back may show another record, and never lies outside of a slab: it keeps the arena alive.
/// </remarks>
// SAFETY: slabs are pinned and live as long as the arena, which every view refers to through its origin. An offset was made by
// Append and ends, with the record behind it, within its slab.
internal sealed unsafe class RecordArena
{
    private const int SlabShift = 18;
    private const int SlabSize = 1 << SlabShift;

    private readonly List<Slab> _free = [];
    private RecordOrigin[] _rings = [];

    /// <summary>The slabs that may hold records, by their number. Those in between that were given back are null.</summary>
    private Slab?[] _window = new Slab?[16];
    private ulong _oldest;
    private ulong _newest;
    private Slab _filled;
    private int _used;

    internal RecordArena()
    {
        _filled = new Slab(SlabSize);
        _window[0] = _filled;
    }

    /// <summary>Where the next record will be, at the earliest: all that were appended lie before it.</summary>
    internal ulong Position => (_newest << SlabShift) + (ulong)Math.Min(_used, SlabSize);

    /// <summary>The bytes that slabs take.</summary>
    internal long Reserved { get; private set; } = SlabSize;

    /// <summary>The bytes that the copy of a record takes.</summary>
    internal static uint Taken(uint size) => (uint)sizeof(Entry) + ((size + 7) & ~7u);

    /// <summary>Gets to know a ring.</summary>
    /// <returns>The number that <see cref="Append"/> takes.</returns>
    internal int Add(RecordOrigin ring)
    {
        _rings = [.. _rings, new RecordOrigin(ring, this)];
        return _rings.Length - 1;
    }

    /// <summary>Copies a record.</summary>
    /// <param name="record">Of the ring.</param>
    /// <param name="ring">The ring's number.</param>
    /// <param name="taken">The bytes that the copy takes.</param>
    /// <returns>Where the copy is.</returns>
    internal ulong Append(scoped in Record record, int ring, out uint taken)
    {
        // Multiples of 8, so that the fields lie where they lay in the ring.
        uint size = record.Size;
        taken = Taken(size);

        // A slab that was made for a larger record is filled no further than others: a beginning behind that has no position.
        if (_used >= SlabSize || taken > (uint)(_filled.Bytes.Length - _used))
            Open((int)taken);

        byte* at = _filled.Start + _used;
        *(Entry*)at = new Entry(size, record.PayloadOffset, (uint)record.Payload.Length, record.Kind, ring);
        record.Bytes.CopyTo(new Span<byte>(at + sizeof(Entry), (int)size));
        ulong position = Position;
        _used += (int)taken;
        _filled.Held++;
        return position;
    }

    /// <summary>The copy at a position.</summary>
    /// <param name="position">What <see cref="Append"/> returned.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Record Show(ulong position)
    {
        byte* at = At(position);
        Entry* entry = (Entry*)at;
        return new Record(
            at + sizeof(Entry), entry->Size, entry->PayloadOffset, entry->PayloadLength, entry->Kind, _rings[entry->Ring]);
    }

    /// <summary>The number of the ring of the record at a position.</summary>
    internal int RingOf(ulong position) => ((Entry*)At(position))->Ring;

    /// <summary>The bytes that the record at a position took in its ring.</summary>
    internal uint SizeOf(ulong position) => ((Entry*)At(position))->Size;

    /// <summary>Gives the record at a position back, once.</summary>
    /// <returns>The bytes that it took here.</returns>
    internal uint Release(ulong position)
    {
        Slab slab = SlabOf(position);
        uint size = ((Entry*)(slab.Start + (position & (SlabSize - 1))))->Size;
        if (--slab.Held == 0 && slab != _filled)
            Retire(position >> SlabShift, slab);

        return Taken(size);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Slab SlabOf(ulong position) => _window[(int)(position >> SlabShift) & (_window.Length - 1)]!;

    // A record that is larger than a slab begins one of its own: only offsets of beginnings have to fit into a position.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* At(ulong position) => SlabOf(position).Start + (position & (SlabSize - 1));

    private void Open(int length)
    {
        if (_filled.Held == 0)
            Retire(_newest, _filled);

        _newest++;
        if (_newest - _oldest == (ulong)_window.Length)
            Widen();

        _filled = Take(Math.Max(length, SlabSize));
        _used = 0;
        _window[(int)_newest & (_window.Length - 1)] = _filled;
    }

    private Slab Take(int length)
    {
        // From the end: the one that was given back last is the one most likely to be in the cache.
        for (int i = _free.Count - 1; i >= 0; i--)
        {
            Slab slab = _free[i];
            if (slab.Bytes.Length >= length)
            {
                _free.RemoveAt(i);
                return slab;
            }
        }

        Reserved += length;
        return new Slab(length);
    }

    private void Retire(ulong number, Slab slab)
    {
        _window[(int)number & (_window.Length - 1)] = null;
        while (_oldest < _newest && _window[(int)_oldest & (_window.Length - 1)] is null)
            _oldest++;

        _free.Add(slab);
    }

    private void Widen()
    {
        Slab?[] wider = new Slab?[2 * _window.Length];
        for (ulong number = _oldest; number < _newest; number++)
            wider[(int)number & (wider.Length - 1)] = _window[(int)number & (_window.Length - 1)];

        _window = wider;
    }

    /// <summary>What is in front of each copy; a multiple of 8 long.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 24)]
    private readonly record struct Entry(uint Size, uint PayloadOffset, uint PayloadLength, RecordKind Kind, int Ring);

    private sealed class Slab
    {
        internal Slab(int length)
        {
            Bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
            Start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Bytes));
        }

        internal byte[] Bytes { get; }

        internal byte* Start { get; }

        /// <summary>Records that were not given back.</summary>
        internal int Held { get; set; }
    }
}
