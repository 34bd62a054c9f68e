namespace PerfRing.Cli.Maps;

/// <summary>Opens the map that the command line names.</summary>
internal static class MapFinding
{
    /// <param name="reference">The map.</param>
    /// <param name="fits">Whether a map is of a kind that is looked for: among several of one name these come first.</param>
    /// <exception cref="CommandFailure">No map has the name, or several have.</exception>
    /// <exception cref="PerfRingException">The map is not there, or the kernel refused.</exception>
    internal static BpfMap Open(MapReference reference, Func<BpfMap, bool> fits) => reference switch
    {
        MapReference.ById byId => BpfMap.OpenById(byId.Id),
        MapReference.ByName byName => OpenNamed(byName.Name, fits),
        MapReference.Pinned pinned => OpenPinned(pinned.Path),
        _ => throw new ArgumentException("No such reference.", nameof(reference)),
    };

    private static BpfMap OpenPinned(string path)
    {
        try
        {
            return BpfMap.OpenPinned(path);
        }
        catch (SystemCallException e) when (e.ErrnoName == "ENOENT" && !path.Contains('/', StringComparison.Ordinal))
        {
            throw new CommandFailure(
                ExitCode.Missing,
                $"no file '{path}': a map is found by its name as name:{path}, or by the path where it is pinned.", e);
        }
    }

    private static BpfMap OpenNamed(string name, Func<BpfMap, bool> fits)
    {
        List<BpfMap> found = [];
        SortedSet<string> others = new(StringComparer.Ordinal);
        try
        {
            foreach (BpfMap map in MachineMaps.Open())
            {
                if (map.Name == name)
                {
                    found.Add(map);
                    continue;
                }

                if (map.Name.Length > 0 && fits(map))
                    others.Add(map.Name);

                map.Dispose();
            }

            BpfMap chosen = Choose(name, found, fits, others);
            found.Remove(chosen);
            return chosen;
        }
        finally
        {
            foreach (BpfMap map in found)
                map.Dispose();
        }
    }

    private static BpfMap Choose(string name, List<BpfMap> found, Func<BpfMap, bool> fits, IEnumerable<string> others)
    {
        BpfMap[] fitting = [.. found.Where(fits)];
        IReadOnlyList<BpfMap> candidates = fitting.Length > 0 ? fitting : found;
        if (candidates.Count == 1)
            return candidates[0];

        if (candidates.Count > 1)
        {
            string ids = string.Join(" or ", candidates.Select(map => $"id:{map.Id}"));
            throw CommandFailure.Usage($"{candidates.Count} maps are called '{name}': say which one, {ids}.");
        }

        IReadOnlyList<string> near = NearestNames.Find(name, others);
        throw new CommandFailure(ExitCode.Missing, near.Count > 0
            ? $"no map is called '{name}': did you mean {string.Join(" or ", near)}?"
            : $"no map is called '{name}': 'perfring maps' lists those that can be read.");
    }
}
