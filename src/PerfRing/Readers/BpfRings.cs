using PerfRing.Abi;

namespace PerfRing;

/// <summary>Opens what a <see cref="BpfRingReader"/> consists of. Disposing undoes everything that was opened so far.</summary>
internal sealed class BpfRings : IDisposable
{
    private readonly List<MapPlace> _places = [];
    private readonly BpfRingAccess _access;
    private readonly bool _announced;

    internal BpfRings(BpfRingAccess access, bool announced)
    {
        _access = access;
        _announced = announced;
    }

    internal EpollWaiter Waiter { get; } = new();

    /// <summary>The map of each ring.</summary>
    internal List<BpfMap> Maps { get; } = [];

    internal List<Ring> Rings { get; } = [];

    internal DropCounters? Drops { get; private set; }

    /// <summary>What moves records out of the rings; null where they are read in place.</summary>
    internal Staging? Staging { get; private set; }

    internal void Open(IReadOnlyList<BpfMap> maps, BpfRingReaderOptions options, Wakeup wakeup)
    {
        if (options.Staging is { } staging)
            Staging = new Staging(staging);

        if (options.Drops is { } drops)
            Drops = new DropCounters(drops, options.DropsIndex, maps.Count);

        for (int source = 0; source < maps.Count; source++)
        {
            if (maps[source].Type == Bpf.MapTypeArrayOfMaps)
                OpenPerCpu(maps[source], source);
            else
                OpenRing(maps[source].Reopen(), -1, source);
        }

        Staging?.Start(wakeup.LongestDelay);
    }

    /// <summary>Adds what announces a ring, where something does.</summary>
    internal void Watch(int ring, EpollWaiter waiter)
    {
        if (Staging is not null)
            Staging.Announce(ring, waiter);
        else if (_announced)
            waiter.Watch(Maps[ring].Descriptor, onEdge: true);
    }

    public void Dispose()
    {
        ReleaseMaps();
        foreach (Ring ring in Rings)
            ring.Dispose();

        Waiter.Dispose();
    }

    /// <summary>What does not belong to the base of a reader.</summary>
    internal void ReleaseMaps()
    {
        // Before the place is anybody else's.
        Staging?.Dispose();
        foreach (MapPlace place in _places)
            place.Leave();

        Drops?.Dispose();
        foreach (BpfMap map in Maps)
            map.Dispose();
    }

    private void OpenPerCpu(BpfMap array, int source)
    {
        int before = Rings.Count;
        for (uint cpu = 0; cpu < array.MaximumEntries; cpu++)
        {
            if (array.OpenInner(cpu) is { } inner)
                OpenRing(inner, (int)cpu, source);
        }

        if (Rings.Count == before)
            throw new ArgumentException($"{array} is an array of maps with nothing in it: no CPU has a ring buffer.");
    }

    /// <param name="map">Now owned here.</param>
    /// <param name="cpu">The CPU that the ring belongs to, or -1.</param>
    /// <param name="source">The index of the map among those that the reader was given.</param>
    private void OpenRing(BpfMap map, int cpu, int source)
    {
        Maps.Add(map);
        if (map.Type != Bpf.MapTypeRingBuffer)
            throw new ArgumentException(NotARing(map));

        ulong size = map.MaximumEntries;
        if (_access == BpfRingAccess.Follow)
        {
            Rings.Add(FollowedBpfRing.Open(map.Descriptor, size, map.Overwrites, new RecordOrigin(cpu, source)));
            return;
        }

        if (map.Overwrites)
        {
            throw new ArgumentException(
                $"{map} overwrites its oldest records (BPF_F_RB_OVERWRITE): what is seen where it lies could change under the "
                + "reader. Open it with Access = BpfRingAccess.Follow, which copies.");
        }

        if (Maps.Any(other => other != map && other.Id == map.Id))
            throw new InvalidOperationException($"{map} is given twice: a ring buffer has one consumer.");

        _places.Add(MapPlace.TryTake(map.Id) ?? throw new InvalidOperationException(
            $"{map} is consumed by another reader of this process: a ring buffer has one consumer."));
        RecordOrigin origin = new(cpu, source);
        Rings.Add(Staging is null
            ? BpfRing.Open(map.Descriptor, size, origin)
            : Staging.Stage(BpfRing.OpenStaged(map.Descriptor, size), origin));
        if (Staging is not null && _announced)
            Staging.Watch(map.Descriptor, onEdge: true);

        Watch(Rings.Count - 1, Waiter);
    }

    private static string NotARing(BpfMap map) => map.Type switch
    {
        Bpf.MapTypePerfEventArray =>
            $"{map} is a perf event array: read it with PerfEventReader and PerfEventSource.BpfOutput.",
        Bpf.MapTypeUserRingBuffer =>
            $"{map} is a user ring buffer, which a BPF program reads: write to it with BpfUserRing.",
        _ => $"{map} is no ring buffer: its type is {map.Type}, and a ring buffer's is {Bpf.MapTypeRingBuffer}.",
    };
}
