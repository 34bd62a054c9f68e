namespace PerfRing.Cli.Maps;

/// <summary>What <c>perfring maps</c> tells of a map.</summary>
/// <param name="Id">The kernel's id.</param>
/// <param name="Name">May be empty.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Bytes of a ring buffer, slots of an array.</param>
/// <param name="Overwrites">Whether the newest records replace the oldest.</param>
/// <param name="Rings">The ids of the ring buffers in an array of them.</param>
/// <param name="Owners">The processes that hold it, as far as they can be seen.</param>
internal sealed record ListedMap(
    uint Id, string Name, MapKind Kind, uint Size, bool Overwrites, IReadOnlyList<uint> Rings, IReadOnlyCollection<int> Owners)
{
    internal bool HasSlots => Kind is MapKind.PerfEventArray or MapKind.ArrayOfRingBuffers;

    /// <summary>The maps of the machine that are rings, or hold them, in the order of their ids.</summary>
    /// <exception cref="SystemCallException">No right to list or to open them.</exception>
    internal static IReadOnlyList<ListedMap> All()
    {
        List<ListedMap> listed = [];
        MapOwners owners = MapOwners.Find();
        foreach (BpfMap map in MachineMaps.Open())
        {
            using (map)
            {
                if (MapKinds.Of(map) is { } kind)
                {
                    listed.Add(new ListedMap(
                        map.Id, map.Name, kind, map.MaximumEntries, map.Overwrites,
                        kind == MapKind.ArrayOfRingBuffers ? [.. MapKinds.Rings(map)] : [], owners.Of(map.Id)));
                }
            }
        }

        return listed;
    }
}
