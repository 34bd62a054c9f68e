namespace PerfRing.Cli.Values;

/// <summary>A list of CPUs as it is typed, all of which can be read now.</summary>
internal static class OnlineCpus
{
    /// <exception cref="FormatException">The text is no CPU list, or names a CPU that is not online.</exception>
    internal static CpuSet Parse(string text)
    {
        CpuSet cpus = CpuSet.Parse(text);
        if (cpus.Count == 0)
            throw new FormatException("the list names no CPU");

        CpuSet online = CpuTopology.FromSystem().Online;
        CpuSet offline = cpus.Except(online);
        return offline.Count == 0
            ? cpus
            : throw new FormatException($"CPU {offline} is not online here; online: {online}");
    }
}
