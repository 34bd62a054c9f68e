namespace PerfRing;

/// <summary>The map slots that a reader filled. Keeps a descriptor of each map, and empties the slots at the end.</summary>
/// <remarks>The kernel does not tell what is in a slot. Within this process the last to fill one is remembered, so that a
/// reader that is closed after its successor was opened does not silence it.</remarks>
internal sealed class FilledSlots : IDisposable
{
    /// <summary>Who filled each slot last. By a token, so that a forgotten reader is not kept alive.</summary>
    private static readonly Dictionary<(uint Map, int Cpu), object> Fillers = [];

    /// <summary>Guards the above, and that a slot and its entry change together.</summary>
    private static readonly Lock Filling = new();

    private readonly object _self = new();
    private readonly List<(BpfMap Map, PerfEventDescriptor Event)> _slots = [];
    private readonly List<BpfMap> _maps = [];

    /// <summary>Puts an event into the slot of its CPU.</summary>
    internal void Fill(PerfEventDescriptor perfEvent)
    {
        BpfMap map = Own(perfEvent.Source.Map!);
        lock (Filling)
        {
            _slots.Add((map, perfEvent));
            map.RequireSlot(perfEvent.Cpu);
            Fill(map, perfEvent);
        }
    }

    /// <summary>Takes the events out of their slots.</summary>
    internal void Empty()
    {
        lock (Filling)
        {
            foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
            {
                if (IsOurs(map, perfEvent))
                    map.Empty(perfEvent.Cpu);
            }
        }
    }

    /// <summary>Puts them back.</summary>
    internal void Refill()
    {
        lock (Filling)
        {
            // A successor that came meanwhile keeps them.
            foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
            {
                if (IsOurs(map, perfEvent))
                    Fill(map, perfEvent);
            }
        }
    }

    /// <summary>Puts the event that took the place of another into the slots of that one.</summary>
    internal void Refill(PerfEventDescriptor replaced)
    {
        lock (Filling)
        {
            foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
            {
                if (ReferenceEquals(perfEvent, replaced) && IsOurs(map, perfEvent))
                    Fill(map, perfEvent);
            }
        }
    }

    public void Dispose()
    {
        using Lock.Scope filling = Filling.EnterScope();
        foreach ((BpfMap map, PerfEventDescriptor perfEvent) in _slots)
        {
            if (!IsOurs(map, perfEvent))
                continue;

            // An event that stays in a slot lives on, and would go on refusing what the program writes. Closing a file of our
            // own empties just the slots that were filled through it, whoever fills them by now; a duplicate shares the
            // caller's file, which may stay open. A refusal here must not keep the rest from being closed.
            if (!map.IsOwnFile || map.KeepsElements)
                _ = map.TryEmpty(perfEvent.Cpu);

            Fillers.Remove((map.Id, perfEvent.Cpu));
        }

        foreach (BpfMap map in _maps)
            map.Dispose();
    }

    private void Fill(BpfMap map, PerfEventDescriptor perfEvent)
    {
        // While there is none the slot is only claimed.
        if (perfEvent.Live is { } live)
            map.Fill(perfEvent.Cpu, live);

        Fillers[(map.Id, perfEvent.Cpu)] = _self;
    }

    private bool IsOurs(BpfMap map, PerfEventDescriptor perfEvent) =>
        Fillers.TryGetValue((map.Id, perfEvent.Cpu), out object? filler) && ReferenceEquals(filler, _self);

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
