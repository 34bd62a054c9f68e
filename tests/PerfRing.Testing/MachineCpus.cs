namespace PerfRing.Testing;

/// <summary>The CPUs of this machine, read without the library's code, so that a test can compare the two.</summary>
internal static class MachineCpus
{
    private const string Folder = "/sys/devices/system/cpu/";

    /// <summary>The ids of all CPUs that can ever be online; constant from boot.</summary>
    internal static int[] Possible { get; } = Parse(File.ReadAllText(Folder + "possible"));

    /// <summary>One more than the highest possible id: lists of ids may have gaps, so this is not a count.</summary>
    internal static int IdLimit => Possible[^1] + 1;

    /// <summary>The ids of the CPUs that are online now, ascending.</summary>
    internal static int[] Online() => Parse(File.ReadAllText(Folder + "online"));

    /// <summary>The file that takes a CPU offline and brings it back. CPUs that must stay have none.</summary>
    internal static string OnlineSwitch(int cpu) => $"{Folder}cpu{cpu}/online";

    /// <summary>Reads the kernel's list format, such as <c>0-3,8</c>.</summary>
    private static int[] Parse(string list)
    {
        List<int> cpus = [];
        foreach (string range in list.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            int first = int.Parse(ends[0], null);
            int last = int.Parse(ends[^1], null);
            cpus.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return [.. cpus];
    }
}
