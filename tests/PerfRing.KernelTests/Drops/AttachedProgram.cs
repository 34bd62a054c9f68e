using PerfRing.Testing;

namespace PerfRing.KernelTests.Drops;

/// <summary>sysctl_reads.bpf.c, compiled by clang, and loaded, pinned and attached to a control group by bpftool: nothing of it is
/// made by this library.</summary>
internal sealed class AttachedProgram : IDisposable
{
    private readonly BpfFs _bpf = new();
    private readonly ControlGroup _group = new();

    internal AttachedProgram()
    {
        try
        {
            string folder = Path.Combine(AppContext.BaseDirectory, "Drops");
            using BpfObject compiled = BpfObject.Compile(Path.Combine(folder, "sysctl_reads.bpf.c"), [LoadedProgram.HeaderFolder]);
            string programs = _bpf.PathOf("programs");
            Command.Run("bpftool", "prog", "loadall", compiled.Path, programs, "pinmaps", _bpf.PathOf("maps"));
            Command.Run("bpftool", "cgroup", "attach", _group.Path, "sysctl", "pinned", Path.Combine(programs, "note_read"));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the ring buffer is pinned.</summary>
    internal string Ring => _bpf.PathOf("maps/names");

    /// <summary>Where the drop map is pinned.</summary>
    internal string Drops => _bpf.PathOf("maps/perfring_drops");

    /// <summary>A process of the group reads sysctls of the kernel's own.</summary>
    internal void Read(IEnumerable<string> names) => _group.Run("cat", [.. names.Select(name => $"/proc/sys/kernel/{name}")]);

    public void Dispose()
    {
        _group.Dispose();
        _bpf.Dispose();
    }
}
