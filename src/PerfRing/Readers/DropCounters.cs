using PerfRing.Abi;

namespace PerfRing;

/// <summary>Reads what BPF programs counted by the convention of <c>perfring.bpf.h</c>: one element of a per-CPU array of 64-bit
/// numbers holds, for each CPU, how many records found no room there.</summary>
internal sealed class DropCounters : IDisposable
{
    private readonly BpfMap _map;
    private readonly uint _index;
    private readonly int[] _cpus;
    private readonly ulong[] _before;

    /// <param name="map">A map that was checked; reopened, so that the caller may dispose it.</param>
    /// <param name="index">The element.</param>
    /// <param name="topology">Whose possible CPUs the kernel lists.</param>
    internal DropCounters(BpfMap map, int index, CpuTopology topology)
    {
        _index = (uint)index;
        _cpus = [.. topology.Possible];
        _map = map.Reopen();
        try
        {
            // What was dropped before this reader was opened is not its loss.
            _before = Read();
        }
        catch
        {
            _map.Dispose();
            throw;
        }
    }

    /// <summary>Records dropped on one CPU since this object was made; with -1 those of all CPUs.</summary>
    internal ulong Dropped(int cpu)
    {
        ulong[] now = Read();
        ulong dropped = 0;
        for (int i = 0; i < _cpus.Length; i++)
        {
            if (cpu < 0 || cpu == _cpus[i])
                dropped += now[i] - _before[i];
        }

        return dropped;
    }

    public void Dispose() => _map.Dispose();

    /// <exception cref="ArgumentException">The map can't hold such counts.</exception>
    internal static void Check(BpfMap map)
    {
        if (map.Type != Bpf.MapTypePerCpuArray || map.ValueSize != sizeof(ulong))
        {
            throw new ArgumentException(
                $"{map} can't be a drop map: that is a per-CPU array (type {Bpf.MapTypePerCpuArray}) of 64-bit counts, and this has "
                + $"type {map.Type} and values of {map.ValueSize} bytes.");
        }
    }

    private ulong[] Read()
    {
        ulong[] counts = new ulong[_cpus.Length];
        _map.ReadPerCpu(_index, counts);
        return counts;
    }
}
