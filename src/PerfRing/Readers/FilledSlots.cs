using System.Collections.Concurrent;

namespace PerfRing;

/// <summary>The map slots that a reader filled. Keeps a descriptor of each map, and empties the slots at the end.</summary>
/// <remarks>The kernel does not tell what is in a slot. Within this process the last to fill one is remembered, so that a
/// reader that is closed after its successor was opened does not silence it.</remarks>
internal sealed class FilledSlots : IDisposable
{
    private static readonly ConcurrentDictionary<(uint Map, int Cpu), FilledSlots> Fillers = new();

    private readonly List<(BpfMap Map, PerfEventDescriptor Event)> _slots = [];
    private readonly List<BpfMap> _maps = [];

    /// <summary>Puts an event into the slot of its CPU.</summary>
    internal void Fill(PerfEventDescriptor perfEvent)
    {
        BpfMap map = Own(perfEvent.Source.Map!);
        _slots.Add((map, perfEvent));
        Fill(map, perfEvent);
    }

    /// <summary>Takes the events out of their slots.</summary>
    internal void Empty()
    {
        foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
        {
            if (IsOurs(map, perfEvent))
                map.Empty(perfEvent.Cpu);
        }
    }

    /// <summary>Puts them back.</summary>
    internal void Refill()
    {
        foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
            Fill(map, perfEvent);
    }

    public void Dispose()
    {
        foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
        {
            if (!IsOurs(map, perfEvent))
                continue;

            // An event that stays in a slot lives on, and would go on refusing what the program writes. Closing a file of our
            // own empties just the slots that were filled through it, whoever fills them by now; a duplicate shares the
            // caller's file, which may stay open. A refusal here must not keep the rest from being closed.
            if (!map.IsOwnFile)
                _ = map.TryEmpty(perfEvent.Cpu);

            Fillers.TryRemove(new((map.Id, perfEvent.Cpu), this));
        }

        foreach (BpfMap map in _maps)
            map.Dispose();
    }

    private void Fill(BpfMap map, PerfEventDescriptor perfEvent)
    {
        map.Fill(perfEvent.Cpu, perfEvent.Fd);
        Fillers[(map.Id, perfEvent.Cpu)] = this;
    }

    private bool IsOurs(BpfMap map, PerfEventDescriptor perfEvent) =>
        Fillers.TryGetValue((map.Id, perfEvent.Cpu), out FilledSlots? filler) && ReferenceEquals(filler, this);

    /// <summary>The user may dispose the map after opening, and closing the file that filled a slot empties it.</summary>
    private BpfMap Own(BpfMap map)
    {
        foreach (BpfMap owned in _maps)
        {
            if (owned.Id == map.Id)
                return owned;
        }

        BpfMap reopened = map.Reopen();
        _maps.Add(reopened);
        return reopened;
    }
}
