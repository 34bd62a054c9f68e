namespace PerfRing.Tests.Diagnostics;

/// <summary>A /proc and a /sys of a test's own making, on a machine of two CPUs where everything is as it should be, until
/// the test writes something else.</summary>
internal sealed class KernelTree : IDisposable
{
    internal const string AllRights = "Name:\tapp\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n";
    internal const string NoRights = "Name:\tapp\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("perfring-kernel-");

    internal KernelTree()
    {
        Files = new KernelFiles(_root.FullName);
        Write(KernelFiles.Status, AllRights);
        Write(KernelFiles.UserIds, "         0          0 4294967295\n");
        Write(KernelFiles.Limits, """
            Limit                     Soft Limit           Hard Limit           Units
            Max open files            1024                 524288               files
            Max locked memory         8388608              8388608              bytes
            Max realtime timeout      unlimited            unlimited            us

            """);
        Write(KernelFiles.OpenDescriptors + "/0", "");
        Write(KernelFiles.Paranoid, "2\n");
        Write(KernelFiles.LockedPerCpu, "516\n");
        Write(KernelFiles.Cpus + "/possible", "0-1\n");
        Write(KernelFiles.Cpus + "/online", "0-1\n");
        Write(KernelFiles.Cpus + "/isolated", "\n");
        Write(KernelFiles.ClockSource, "tsc\n");
        Write(KernelFiles.ClockSources, "tsc hpet\n");
        Write("tracing/available_events", "sched:sched_switch\nsched:sched_wakeup\n");
        Directory.CreateDirectory(PathOf("bpf"));
        Mount($"none {PathOf("tracing")} tracefs rw 0 0", $"bpf {PathOf("bpf")} bpf rw 0 0");
    }

    internal KernelFiles Files { get; }

    internal string PathOf(string file) => Files.PathOf(file);

    internal void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
    }

    internal void Remove(string file) => File.Delete(PathOf(file));

    internal void Mount(params string[] lines) => Write(KernelFiles.Mounts, string.Join('\n', lines) + "\n");

    public void Dispose() => _root.Delete(recursive: true);
}
