namespace PerfRing.Testing;

/// <summary>A control group for one test, in a cgroup2 hierarchy mounted for it. What is attached to the group goes with
/// it.</summary>
internal sealed class ControlGroup : IDisposable
{
    private readonly PrivateMount _mount = new("cgroup2");

    internal ControlGroup()
    {
        Path = System.IO.Path.Combine(_mount.Path, $"perfring-{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch
        {
            _mount.Dispose();
            throw;
        }
    }

    /// <summary>The folder of the group.</summary>
    internal string Path { get; }

    /// <summary>Runs a program to its end as the only process of the group, and returns what it printed.</summary>
    internal string Run(string program, params string[] arguments) => Command.Run(
        "sh", ["-c", """echo $$ >"$0" && exec "$@" """, System.IO.Path.Combine(Path, "cgroup.procs"), program, .. arguments]);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path);
        }
        finally
        {
            _mount.Dispose();
        }
    }
}
