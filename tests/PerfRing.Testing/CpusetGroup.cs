namespace PerfRing.Testing;

/// <summary>A control group that may use some CPUs only, in whichever hierarchy of the machine has cpusets.</summary>
internal sealed class CpusetGroup : IDisposable
{
    private readonly string _path;

    /// <exception cref="IOException">The machine has no cpusets, or refuses.</exception>
    internal CpusetGroup(CpuSet cpus)
    {
        _path = Path.Combine(FindHierarchy(), $"perfring-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(_path);
        try
        {
            File.WriteAllText(Path.Combine(_path, "cpuset.cpus"), $"{cpus}");

            // The first version lets nobody in who has no memory.
            File.WriteAllText(Path.Combine(_path, "cpuset.mems"), "0");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs a program to its end as the only process of the group, and returns what it printed.</summary>
    internal string Run(string program, params string[] arguments) => Command.Run(
        "sh", ["-c", """echo $$ >"$0" && exec "$@" """, Path.Combine(_path, "cgroup.procs"), program, .. arguments]);

    public void Dispose() => Directory.Delete(_path);

    private static string FindHierarchy()
    {
        foreach (string line in File.ReadLines("/proc/self/mounts"))
        {
            string[] mount = line.Split(' ');
            if ((mount[2] == "cgroup" && mount[3].Split(',').Contains("cpuset")) || (mount[2] == "cgroup2" && Delegates(mount[1])))
                return mount[1];
        }

        throw new IOException("no cgroup hierarchy with cpusets is mounted");
    }

    private static bool Delegates(string mount) =>
        File.ReadAllText(Path.Combine(mount, "cgroup.subtree_control")).Split(' ', '\n').Contains("cpuset");
}
