namespace PerfRing;

/// <summary>Which CPUs there are. Readers cope with all of it; who takes positions in a list for ids does not.</summary>
internal static class CpuCheck
{
    internal const string Name = "cpus";

    internal static EnvironmentCheck Judge(CpuTopology topology)
    {
        CpuSet possible;
        CpuSet online;
        CpuSet isolated;
        try
        {
            possible = topology.Possible;
            online = topology.Online;
            isolated = topology.Isolated;
        }
        catch (Exception e) when (e is SystemCallException or FormatException or IOException)
        {
            return EnvironmentCheck.Unknown(Name, e.Message);
        }

        string finding = $"Online {online}, possible {possible}, isolated {(isolated.Count == 0 ? "none" : isolated)}";
        CpuSet absent = possible.Except(online);
        if (absent.Count > 0)
        {
            return EnvironmentCheck.Warning(
                Name, $"{finding}: {absent} offline; ids may have gaps, and BPF maps need a slot for every possible CPU.");
        }

        // With everything online that is possible, the ids themselves may still leave some out.
        bool gaps = possible.Count > 0 && !possible.Contains(possible.Count - 1);
        return gaps
            ? EnvironmentCheck.Warning(Name, $"{finding}: the ids have gaps, so a number of CPUs is not the highest id plus 1.")
            : EnvironmentCheck.Passed(Name, finding + ".");
    }
}
