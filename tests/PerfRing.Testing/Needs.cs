namespace PerfRing.Testing;

/// <summary>What a kernel test needs of the machine.</summary>
[Flags]
public enum Needs
{
    /// <summary>Nothing beyond Linux.</summary>
    None = 0,

    /// <summary>Perf events of a whole CPU, whatever runs there.</summary>
    PerfEvents = 1 << 0,

    /// <summary>A tracefs, mounted already or mountable.</summary>
    Tracepoints = 1 << 1,

    /// <summary>Creating BPF maps and loading programs.</summary>
    Bpf = 1 << 2,

    /// <summary>User id 0.</summary>
    Root = 1 << 3,

    /// <summary>At least two CPUs online.</summary>
    TwoCpus = 1 << 4,

    /// <summary>A CPU that can be taken offline and brought back.</summary>
    Hotplug = 1 << 5,

    /// <summary>A clang that compiles for BPF, with the headers of the kernel and of libbpf.</summary>
    Clang = 1 << 6,

    /// <summary>bpftool, and a BPF file system that can be mounted.</summary>
    BpfTool = 1 << 7,

    /// <summary>A cgroup hierarchy with cpusets, and groups made in it.</summary>
    Cpusets = 1 << 10,

    /// <summary>A cgroup2 hierarchy that can be mounted, and groups made in it.</summary>
    ControlGroups = 1 << 8,

    /// <summary>A C compiler that links what NativeAOT compiles: clang, or else gcc.</summary>
    NativeAot = 1 << 9,
}
