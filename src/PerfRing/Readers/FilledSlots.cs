namespace PerfRing;

/// <summary>The map slots that a reader filled. Keeps a descriptor of each map, and empties the slots at the end.</summary>
internal sealed class FilledSlots : IDisposable
{
    private readonly List<(BpfMap Map, PerfEventDescriptor Event)> _slots = [];
    private readonly List<BpfMap> _maps = [];

    /// <summary>Puts an event into the slot of its CPU.</summary>
    internal void Fill(PerfEventDescriptor perfEvent)
    {
        BpfMap map = Own(perfEvent.Source.Map!);
        map.Fill(perfEvent.Cpu, perfEvent.Fd);
        _slots.Add((map, perfEvent));
    }

    /// <summary>Takes the events out of their slots.</summary>
    internal void Empty()
    {
        foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
            map.Empty(perfEvent.Cpu);
    }

    /// <summary>Puts them back.</summary>
    internal void Refill()
    {
        foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
            map.Fill(perfEvent.Cpu, perfEvent.Fd);
    }

    public void Dispose()
    {
        // An event that stays in a slot lives on, and would go on refusing what the program writes.
        Empty();
        foreach (BpfMap map in _maps)
            map.Dispose();
    }

    /// <summary>The user may dispose the map after opening, and closing the file that filled a slot empties it.</summary>
    private BpfMap Own(BpfMap map)
    {
        foreach (BpfMap owned in _maps)
        {
            if (owned.Id == map.Id)
                return owned;
        }

        BpfMap duplicate = map.Duplicate();
        _maps.Add(duplicate);
        return duplicate;
    }
}
