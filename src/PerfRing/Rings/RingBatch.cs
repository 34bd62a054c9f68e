using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PerfRing;

/// <summary>The one batch of a reader at a time: which rings take part, how far the walk is, and who may release.</summary>
/// <remarks>Owned by the consumer. A lease that is out roots the rings: no finalizer may unmap one under a span, also when the
/// caller forgot both the batch and the reader.</remarks>
// SAFETY: addresses are handed from the ring to the enumerator and back, and compared; the rings look behind them.
internal sealed unsafe class RingBatch : BatchLease
{
    /// <summary>How much is walked between two looks at the clock.</summary>
    private const ulong ChunkWithClock = 4096;

    private readonly Action _ended;
    private readonly Ring[] _rings;
    private readonly Ring[] _active;
    private readonly Root _root = new();
    private int _count;
    private int _index;
    private int _first;
    private uint _generation;
    private bool _leased;
    private bool _keepsRest;
    private bool _isCut;
    private bool _releasedByHand;
    private long _timeBound;

    /// <param name="rings">All rings of the reader.</param>
    /// <param name="ended">Called when a lease ends.</param>
    internal RingBatch(Ring[] rings, Action ended)
    {
        _ended = ended;
        _rings = rings;
        _active = new Ring[rings.Length];
    }

    /// <summary>Tells the batch that is out from those before it.</summary>
    internal uint Generation => _generation;

    /// <summary>Whether the walk ended because the batch's time was over.</summary>
    internal bool IsCut => _isCut;

    /// <summary>Snapshots every ring that holds something.</summary>
    /// <param name="allowance">The most that the batch may hold.</param>
    /// <param name="longest">How long the batch may be walked; infinite for no bound.</param>
    /// <returns>False if there is nothing.</returns>
    internal bool TryBegin(RecordAllowance allowance, TimeSpan longest)
    {
        int count = 0;
        int ring = _first;
        for (int i = 0; i < _rings.Length; i++)
        {
            if (_rings[ring].TrySnapshot(ref allowance))
                _active[count++] = _rings[ring];

            if (++ring == _rings.Length)
                ring = 0;
        }

        if (count == 0)
            return false;

        _timeBound = Deadline.After(longest);

        // Neither a budget, nor a handler that stops, may starve the rings behind a busy one: each batch begins with the
        // next ring.
        _first = _first + 1 == _rings.Length ? 0 : _first + 1;

        _count = count;
        _index = -1;
        _keepsRest = _releasedByHand = _isCut = false;
        _generation++;
        _leased = true;
        _root.Hold(this);
        return true;
    }

    /// <summary>From now on, what was not visited stays in the rings when the batch ends.</summary>
    internal void KeepRest() => _keepsRest = true;

    internal override void Restart(uint generation)
    {
        ThrowIfEnded(generation);
        Settle();
        _index = -1;
        Visited = null;
    }

    private protected override bool Advance(uint generation, byte* position, out Stretch stretch)
    {
        stretch = default;
        if (!_leased || generation != _generation || position != Visited)
            ThrowStale();

        ulong chunk = ulong.MaxValue;
        if (_timeBound != long.MaxValue)
        {
            chunk = ChunkWithClock;
            if (_index >= 0 && Stopwatch.GetTimestamp() >= _timeBound)
            {
                _keepsRest = _isCut = true;
                return false;
            }
        }

        if (_index >= 0)
        {
            if (_index == _count)
                return false;

            if (_active[_index].Next(position, chunk, out stretch))
                return true;
        }

        while (++_index < _count)
        {
            _active[_index].Restart();
            if (_active[_index].Next(null, chunk, out stretch))
                return true;
        }

        return false;
    }

    internal override void ReleaseThrough(uint generation, scoped in Record record)
    {
        ThrowIfEnded(generation);
        Settle();
        int owner = 0;
        while (owner < _count && !ReferenceEquals(_active[owner].Origin, record.Origin))
            owner++;

        // A record may have been kept from an earlier batch: the ring looks whether it is one that this walk has shown.
        if (owner == _count || !_active[owner].TryReleaseThrough(record))
            throw new InvalidOperationException("The record is not one that this batch has shown.");

        for (int i = 0; i < owner; i++)
            _active[i].ReleaseAll();

        _releasedByHand = true;
    }

    internal override void Release(uint generation)
    {
        if (!_leased || generation != _generation)
            return;

        Settle();
        for (int i = 0; i < _count && !_releasedByHand; i++)
        {
            // Rings that this walk did not come to may have been walked before: they know how far.
            if (!_keepsRest || i < _index)
                _active[i].ReleaseAll();
            else
                _active[i].ReleaseVisited();
        }

        Visited = null;
        _leased = false;
        _root.Drop();
        _ended();
    }

    /// <summary>Tells the ring under the walk where the fast path has got to.</summary>
    private void Settle()
    {
        if (Visited != null && (uint)_index < (uint)_count)
            _active[_index].Visit(Visited);
    }

    private void ThrowIfEnded(uint generation)
    {
        if (!_leased || generation != _generation)
            throw new InvalidOperationException("This batch was disposed: its memory belongs to the producer again.");
    }

    private static void ThrowStale() => throw new InvalidOperationException(
        "The batch was disposed, or another walk over it was started: this enumerator can't go on.");

    /// <summary>A strong root for the rings while a batch is out.</summary>
    private sealed class Root
    {
        private GCHandle _handle = GCHandle.Alloc(null);

        ~Root() => _handle.Free();

        internal void Hold(RingBatch batch) => _handle.Target = batch;

        internal void Drop() => _handle.Target = null;
    }
}
