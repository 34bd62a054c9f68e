using System.Runtime.InteropServices;

namespace PerfRing;

/// <summary>Records in the order of their stamps, which came almost in that order.</summary>
/// <remarks>
/// Each new one goes to the end, but for a few that an interrupt stamped in the midst of another: those are moved a few places.
/// <code>
///   head                               tail
///     | 10 | 12 | 15 | 15 | 19 | 20 |  +  17  ->  | 10 | 12 | 15 | 15 | 17 | 19 | 20 |
/// </code>
/// One that would have to be moved further is refused, so that no stamp, whatever it says, costs more than that.
/// <para>Stamp and position are passed apart: a structure that was put together from both, and copied as a whole at once, would wait
/// for the store buffer.</para>
/// </remarks>
internal sealed class SortedRun
{
    /// <summary>The most places that a record is moved.</summary>
    private const int Reach = 64;

    private MergeEntry[] _entries = new MergeEntry[64];

    /// <summary>The latest stamp that was ever here: what is not before that goes to the end.</summary>
    private ulong _latest;
    private uint _head;
    private uint _tail;

    internal bool IsEmpty => _head == _tail;

    internal ref readonly MergeEntry First => ref _entries[_head & (uint)(_entries.Length - 1)];

    internal void RemoveFirst() => _head++;

    /// <summary>Takes out what comes before a bound.</summary>
    internal void MoveTo(List<MergeEntry> output, in MergeEntry bound)
    {
        MergeEntry[] entries = _entries;
        uint mask = (uint)entries.Length - 1;
        uint end = _head;
        while (end != _tail && entries[end & mask].IsBefore(bound))
            end++;

        int count = (int)(end - _head);
        if (count == 0)
            return;

        // In one piece, or in two where the run begins anew at the front of the memory.
        int at = output.Count;
        int first = Math.Min(count, entries.Length - (int)(_head & mask));
        CollectionsMarshal.SetCount(output, at + count);
        Span<MergeEntry> room = CollectionsMarshal.AsSpan(output)[at..];
        entries.AsSpan((int)(_head & mask), first).CopyTo(room);
        entries.AsSpan(0, count - first).CopyTo(room[first..]);
        _head = end;
    }

    /// <summary>Takes a record in.</summary>
    /// <returns>False if its place is too far from the end.</returns>
    internal bool TryAdd(ulong time, ulong position)
    {
        MergeEntry[] entries = _entries;
        if (time < _latest || _tail - _head == (uint)entries.Length)
            return TryInsert(time, position);

        _latest = time;
        entries[_tail++ & (uint)(entries.Length - 1)] = new MergeEntry(time, position);
        return true;
    }

    /// <summary>Puts records back in front: they come before all that are here.</summary>
    internal void PutBack(ReadOnlySpan<MergeEntry> entries)
    {
        for (int i = entries.Length - 1; i >= 0; i--)
        {
            if (_tail - _head == (uint)_entries.Length)
                Grow();

            _entries[--_head & (uint)(_entries.Length - 1)] = entries[i];
        }
    }

    private bool TryInsert(ulong time, ulong position)
    {
        if (_tail - _head == (uint)_entries.Length)
            Grow();

        MergeEntry entry = new(time, position);
        MergeEntry[] entries = _entries;
        uint mask = (uint)entries.Length - 1;
        uint place = _tail;
        while (place != _head && entry.IsBefore(entries[(place - 1) & mask]))
        {
            if (_tail - --place > Reach)
                return false;
        }

        for (uint i = _tail; i != place; i--)
            entries[i & mask] = entries[(i - 1) & mask];

        entries[place & mask] = entry;
        _tail++;
        _latest = Math.Max(_latest, time);
        return true;
    }

    private void Grow()
    {
        MergeEntry[] larger = new MergeEntry[2 * _entries.Length];
        uint count = _tail - _head;
        for (uint i = 0; i < count; i++)
            larger[i] = _entries[(_head + i) & (uint)(_entries.Length - 1)];

        _entries = larger;
        _head = 0;
        _tail = count;
    }
}
