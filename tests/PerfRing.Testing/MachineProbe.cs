using System.ComponentModel;
using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>Finds out, by trying each once in a process, what this machine can give to kernel tests.</summary>
internal static class MachineProbe
{
    /// <summary>The environment variable that turns skips into failures when it is 1; CI sets it.</summary>
    internal const string RequireKernel = "PERFRING_REQUIRE_KERNEL";

    /// <summary>PERF_COUNT_SW_DUMMY: an event that counts nothing, so only the right to open it is tested.</summary>
    private const ulong SoftwareDummy = 9;

    private static readonly (Needs Need, Lazy<string?> Missing)[] Probes =
    [
        (Needs.PerfEvents, new(PerfEvents)),
        (Needs.Tracepoints, new(Tracepoints)),
        (Needs.Bpf, new(Bpf)),
        (Needs.Root, new(Root)),
        (Needs.TwoCpus, new(TwoCpus)),
        (Needs.Hotplug, new(Hotplug)),
        (Needs.Clang, new(Clang)),
        (Needs.BpfTool, new(BpfTool)),
        (Needs.ControlGroups, new(ControlGroups)),
        (Needs.Cpusets, new(Cpusets)),
        (Needs.NativeAot, new(NativeAot)),
    ];

    /// <summary>Why a test with these needs can't run here; null if it can, or if skipping is forbidden.</summary>
    internal static string? SkipReason(Needs needs) =>
        Environment.GetEnvironmentVariable(RequireKernel) == "1" ? null : Missing(needs);

    /// <summary>What of these needs the machine lacks, in words; null if nothing.</summary>
    internal static string? Missing(Needs needs)
    {
        string missing = string.Join(
            "; ", Probes.Where(probe => needs.HasFlag(probe.Need)).Select(probe => probe.Missing.Value).OfType<string>());
        return missing.Length == 0 ? null : missing;
    }

    private static string? PerfEvents()
    {
        PerfEventAttr attr = new()
        {
            Type = PerfEvent.TypeSoftware,
            Size = PerfEventAttr.Length,
            Config = SoftwareDummy,
        };
        int result = Shim.PerfEventOpen(in attr, -1, MachineCpus.Online()[0], -1, PerfEvent.FlagCloseOnExec, out int fd);
        if (result != 0)
            return $"perf events of a whole CPU can't be opened here ({Errno.Name(-result)} from perf_event_open)";

        new Descriptor(fd).Dispose();
        return null;
    }

    private static string? Tracepoints()
    {
        try
        {
            string id = Path.Combine(TracingFs.Path, "events/sched/sched_switch/id");
            return File.ReadAllText(id).Trim().Length > 0 ? null : $"{id} is empty";
        }
        catch (Exception e) when (e is SystemCallException or IOException or UnauthorizedAccessException)
        {
            return $"no tracefs can be read or mounted here ({e.Message})";
        }
    }

    private static string? Bpf()
    {
        try
        {
            using BpfTestMap map = BpfTestMap.Array(sizeof(ulong), 1);
            using BpfTestProgram program = new("probe", new BpfAssembler().Move(BpfRegister.R0, 0).Exit().Assemble());
            return null;
        }
        catch (Exception e) when (e is SystemCallException or InvalidOperationException)
        {
            return $"BPF maps and programs can't be made here ({e.Message})";
        }
    }

    private static string? Root() => Environment.IsPrivilegedProcess ? null : "the test needs to run as root";

    private static string? TwoCpus()
    {
        int online = MachineCpus.Online().Length;
        return online >= 2 ? null : $"the test needs two CPUs online and this machine has {online}";
    }

    private static string? Hotplug()
    {
        if (MachineCpus.Online().Where(cpu => File.Exists(MachineCpus.OnlineSwitch(cpu))).ToArray() is not [.., int last])
            return "no CPU of this machine can be taken offline";

        try
        {
            // Switching on what is on changes nothing, and fails where sysfs is read-only or not ours.
            File.WriteAllText(MachineCpus.OnlineSwitch(last), "1");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"CPUs can't be switched here ({e.Message})";
        }
    }

    private static string? Clang()
    {
        try
        {
            using BpfObject program = BpfObject.CompileText("""
                #include <linux/bpf.h>
                #include <bpf/bpf_helpers.h>
                char LICENSE[] SEC("license") = "GPL";
                """);
            return null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return $"C can't be compiled for BPF here (Debian: apt-get install clang libbpf-dev; {e.Message})";
        }
    }

    private static string? BpfTool()
    {
        try
        {
            Command.Run("bpftool", "version");
            using BpfFs fs = new();
            return null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or SystemCallException)
        {
            return $"there is no bpftool that works here (Debian: apt-get install bpftool; {e.Message})";
        }
    }

    private static string? ControlGroups()
    {
        try
        {
            using ControlGroup group = new();
            return null;
        }
        catch (Exception e) when (e is SystemCallException or IOException or UnauthorizedAccessException)
        {
            return $"control groups can't be made here ({e.Message})";
        }
    }

    private static string? Cpusets()
    {
        try
        {
            using CpusetGroup group = new(CpuSet.Of(MachineCpus.Online()[0]));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"groups with cpusets can't be made here ({e.Message})";
        }
    }

    private static string? NativeAot()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("perfring-link-");
        try
        {
            string source = Path.Combine(folder.FullName, "main.c");
            File.WriteAllText(source, "int main(void) { return 0; }\n");
            string[] arguments = [source, "-o", Path.Combine(folder.FullName, "main"), "-ldl", "-lrt", "-lm"];
            try
            {
                Command.Run("clang", arguments);
            }
            catch (Win32Exception)
            {
                // As the SDK does where there is no clang.
                Command.Run("gcc", arguments);
            }

            return null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return $"what NativeAOT compiles can't be linked here (Debian: apt-get install clang; {e.Message})";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
