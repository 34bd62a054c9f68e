using PerfRing.Abi;

namespace PerfRing;

/// <summary>The records of kind <see cref="RecordKind.Outage"/> of one ring: memory of our own, beside the ring, with the place
/// where each belongs.</summary>
/// <remarks>
/// <code>
///   ring      ... records of the old events | records of the new events ...
///                                           ^ place: where the kernel stood while the CPU was away
///   notices   [ begin, end ]
/// </code>
/// One thread publishes, one shows and releases: the slots are a small ring of their own, whose two counters run free. Slots are
/// never given back to the collector while the ring lives, so that a record that was kept too long is stale and no more.
/// </remarks>
internal sealed unsafe class OutageNotices
{
    /// <summary>More outages in a row than anybody leaves unread; those beyond are in the ledger only.</summary>
    internal const uint Slots = 16;

    /// <summary>A header, two words, and the longest trailer.</summary>
    private const int Size = 56;

    private readonly byte[] _records = GC.AllocateArray<byte>((int)Slots * Size, pinned: true);
    private readonly ulong[] _places = new ulong[Slots];
    private readonly SampleLayout _layout;
    private uint _published;
    private uint _released;

    internal OutageNotices(SampleLayout layout) => _layout = layout;

    /// <summary>How many were published. Acquire, pairs with the release in <see cref="Publish"/>: what the slots hold is
    /// seen.</summary>
    internal uint Published => Volatile.Read(ref _published);

    internal uint Released => _released;

    /// <summary>Where in the ring a notice belongs.</summary>
    internal ulong PlaceOf(uint notice) => _places[notice % Slots];

    /// <summary>Adds a notice, unless there is no slot left. By the watch, before the events that it tells of may write.</summary>
    internal void Publish(ulong place, ulong begin, ulong end)
    {
        // Acquire, pairs with the release in Release: the slot is not being shown any more.
        uint notice = _published;
        if (notice - Volatile.Read(ref _released) == Slots)
            return;

        // SAFETY: the array is pinned, and the slot within it.
        fixed (byte* records = _records)
        {
            byte* record = records + (notice % Slots * Size);
            new Span<byte>(record, Size).Clear();
            *(PerfEventHeader*)record = new PerfEventHeader { Type = (uint)RecordKind.Outage, Size = Size };
            *(ulong*)(record + PerfEventHeader.Length) = begin;
            *(ulong*)(record + PerfEventHeader.Length + 8) = end;
            if (_layout.TrailerTimeDistance != SampleLayout.Absent)
                *(ulong*)(record + Size - _layout.TrailerTimeDistance) = end;
        }

        _places[notice % Slots] = place;
        Volatile.Write(ref _published, notice + 1);
    }

    /// <summary>Shows a notice that was published and not released.</summary>
    internal void Show(uint notice, ref Stretch stretch)
    {
        stretch.Record = Address(notice);
        stretch.Size = Size;
        stretch.Kind = RecordKind.Outage;
        stretch.PayloadOffset = stretch.PayloadLength = 0;
    }

    /// <summary>Whether an address is that of a notice of this ring, of whatever time.</summary>
    internal bool Holds(byte* record) => record >= Address(0) && record <= Address(Slots - 1);

    /// <summary>Finds the notice that is shown at an address.</summary>
    /// <param name="record">The address.</param>
    /// <param name="end">Behind the last notice that can be.</param>
    /// <param name="notice">Which it is.</param>
    internal bool TryFind(byte* record, uint end, out uint notice)
    {
        for (notice = _released; notice != end; notice++)
        {
            if (Address(notice) == record)
                return true;
        }

        return false;
    }

    /// <summary>Gives slots back, all before a notice.</summary>
    internal void Release(uint end) => Volatile.Write(ref _released, end);

    // SAFETY: the array is pinned, so that the address stays; it lives as long as this object.
    private byte* Address(uint notice)
    {
        fixed (byte* records = _records)
            return records + (notice % Slots * Size);
    }
}
