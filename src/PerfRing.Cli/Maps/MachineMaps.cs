namespace PerfRing.Cli.Maps;

/// <summary>All BPF maps of the machine.</summary>
internal static class MachineMaps
{
    /// <summary>Opens one after the other; whoever gets one disposes it. Those that go meanwhile are left out.</summary>
    /// <exception cref="SystemCallException">No right to list or to open them.</exception>
    internal static IEnumerable<BpfMap> Open()
    {
        foreach (uint id in BpfMap.ListIds())
        {
            if (TryOpen(id) is { } map)
                yield return map;
        }
    }

    private static BpfMap? TryOpen(uint id)
    {
        try
        {
            return BpfMap.OpenById(id);
        }
        catch (SystemCallException e) when (e.ErrnoName == "ENOENT")
        {
            return null;
        }
    }
}
