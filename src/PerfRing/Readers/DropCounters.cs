using PerfRing.Abi;

namespace PerfRing;

/// <summary>Reads what BPF programs counted by the convention of <c>perfring.bpf.h</c>: an element of a per-CPU array of 64-bit
/// numbers holds, for each CPU, how many records found no room there.</summary>
internal sealed class DropCounters : IDisposable
{
    private readonly BpfMap _map;
    private readonly uint _first;
    private readonly int[] _cpus;
    private readonly Lock _reading = new();
    private readonly ulong[][] _before;
    private readonly ulong[][] _highest;
    private readonly bool[][] _wentBack;

    /// <param name="map">A map that was checked; reopened, so that the caller may dispose it.</param>
    /// <param name="first">The element of the first source; those of the others follow.</param>
    /// <param name="sources">How many maps are read.</param>
    internal DropCounters(BpfMap map, int first, int sources)
    {
        _first = (uint)first;

        // The machine's own list, and no other: by it the kernel knows how much to write into our memory.
        _cpus = [.. CpuTopology.FromSystem().Possible];
        _before = new ulong[sources][];
        _highest = new ulong[sources][];
        _wentBack = new bool[sources][];
        _map = map.Reopen();
        try
        {
            // What was dropped before this reader was opened is not its loss.
            for (int source = 0; source < sources; source++)
            {
                _before[source] = ReadElement(source);
                _highest[source] = [.. _before[source]];
                _wentBack[source] = new bool[_cpus.Length];
            }
        }
        catch
        {
            _map.Dispose();
            throw;
        }
    }

    /// <summary>What was dropped since this object was made.</summary>
    /// <param name="source">The index of the map that was read.</param>
    /// <remarks>Counts only grow. One that went back was set back by somebody, and what it was by then nobody knows: it stays
    /// unknown. (One that was set back and grew beyond what was seen of it, all between two looks, looks like any other.)</remarks>
    internal DropCounts Read(int source)
    {
        ulong?[] dropped = new ulong?[_cpus.Length];

        // Reading and comparing together: of two that read at once, the later to compare may have read earlier.
        lock (_reading)
        {
            ulong[] now = ReadElement(source);
            for (int i = 0; i < now.Length; i++)
            {
                _wentBack[source][i] |= now[i] < _highest[source][i];
                _highest[source][i] = now[i];
                dropped[i] = _wentBack[source][i] ? null : now[i] - _before[source][i];
            }
        }

        return new DropCounts(_cpus, dropped);
    }

    public void Dispose() => _map.Dispose();

    /// <exception cref="ArgumentException">The map can't hold such counts, or too few of them.</exception>
    internal static void Check(BpfMap drops, int dropsIndex, int maps)
    {
        if (drops.Type != Bpf.MapTypePerCpuArray || drops.ValueSize != sizeof(ulong))
        {
            throw new ArgumentException(
                $"{drops} can't be a drop map: that is a per-CPU array (type {Bpf.MapTypePerCpuArray}) of 64-bit counts, and this has "
                + $"type {drops.Type} and values of {drops.ValueSize} bytes.", nameof(drops));
        }

        if (dropsIndex < 0 || (long)dropsIndex + maps > drops.MaximumEntries)
        {
            throw new ArgumentOutOfRangeException(
                nameof(dropsIndex), dropsIndex,
                $"{drops} has {drops.MaximumEntries} elements; needed are {maps} from the index on, one for each map that is read.");
        }
    }

    private ulong[] ReadElement(int source)
    {
        ulong[] counts = new ulong[_cpus.Length];
        _map.ReadPerCpu(_first + (uint)source, counts);
        return counts;
    }
}
