namespace PerfRing.Cli.Maps;

/// <summary>The kinds of BPF maps that are rings, or hold them, by their numbers in <c>enum bpf_map_type</c>.</summary>
internal enum MapKind : uint
{
    PerfEventArray = 4,
    ArrayOfRingBuffers = 12,
    RingBuffer = 27,
    UserRingBuffer = 31,
}

/// <summary>The kinds in words.</summary>
internal static class MapKinds
{
    /// <summary>What a map is.</summary>
    /// <param name="map">The map.</param>
    /// <returns>Null for a map that is no ring.</returns>
    /// <exception cref="SystemCallException">No right to look into an array of maps.</exception>
    internal static MapKind? Of(BpfMap map) => (MapKind)map.Type switch
    {
        // It holds maps of one type, so the first tells; an empty one holds nothing to read.
        MapKind.ArrayOfRingBuffers => Rings(map).Any() ? MapKind.ArrayOfRingBuffers : null,
        MapKind.PerfEventArray or MapKind.RingBuffer or MapKind.UserRingBuffer => (MapKind)map.Type,
        _ => null,
    };

    /// <summary>The ids of the ring buffers in an array of maps.</summary>
    /// <exception cref="SystemCallException">No right to look into it.</exception>
    internal static IEnumerable<uint> Rings(BpfMap array)
    {
        for (uint slot = 0; slot < array.MaximumEntries; slot++)
        {
            using BpfMap? inner = array.OpenInner(slot);
            if (inner is null)
                continue;

            if (inner.Type != (uint)MapKind.RingBuffer)
                yield break;

            yield return inner.Id;
        }
    }

    internal static string WordsFor(MapKind kind) => kind switch
    {
        MapKind.PerfEventArray => "perf event array",
        MapKind.ArrayOfRingBuffers => "array of ring buffers",
        MapKind.UserRingBuffer => "user ring buffer",
        _ => "ring buffer",
    };

    /// <summary>The name that messages give a map.</summary>
    internal static string NameOf(BpfMap map) => map.Name.Length == 0 ? $"map {map.Id}" : $"map {map.Id} ({map.Name})";
}
