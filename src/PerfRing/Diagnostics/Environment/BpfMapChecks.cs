using PerfRing.Interop;

namespace PerfRing;

/// <summary>What bpf(BPF_MAP_CREATE) answered for each kind of map, as a check.</summary>
/// <remarks>EINVAL is a kernel that does not know the kind. EPERM comes first and hides it, so that a kind that not every
/// user needs stays unknown then.</remarks>
internal static class BpfMapChecks
{
    internal const string PerfEventArrayName = "bpf-perf-event-array";
    internal const string RingBufferName = "bpf-ring-buffer";
    internal const string UserRingBufferName = "bpf-user-ring-buffer";
    internal const string OverwritingRingName = "bpf-ring-buffer-overwrite";

    internal static EnvironmentCheck PerfEventArray(int result, ProcessRights? rights) =>
        Needed(PerfEventArrayName, "BPF_MAP_TYPE_PERF_EVENT_ARRAY", "Boot a kernel with CONFIG_BPF_EVENTS.", result, rights);

    internal static EnvironmentCheck RingBuffer(int result, ProcessRights? rights) => Needed(
        RingBufferName, "BPF_MAP_TYPE_RINGBUF", "Use BPF output into a perf event array, or a kernel from 5.8 on.", result, rights);

    internal static EnvironmentCheck UserRingBuffer(int result) => Wanted(
        UserRingBufferName, "BPF_MAP_TYPE_USER_RINGBUF", "nothing can be sent to BPF programs through a ring", result);

    internal static EnvironmentCheck OverwritingRing(int result) => Wanted(
        OverwritingRingName, "BPF_F_RB_OVERWRITE", "BPF ring buffers refuse what does not fit, and can't overwrite", result);

    private static EnvironmentCheck Needed(string name, string what, string otherwise, int result, ProcessRights? rights) =>
        -result switch
        {
            0 => EnvironmentCheck.Passed(name, $"{what} is there."),
            Errno.EPERM or Errno.EACCES when rights is { Bpf: true } => EnvironmentCheck.Failed(
                name, $"bpf(BPF_MAP_CREATE): {Errno.Name(-result)}, although CAP_BPF is held: a seccomp filter, a security module, "
                + "or, before Linux 5.11, RLIMIT_MEMLOCK.", "Allow bpf in the seccomp profile of the container or service."),
            Errno.EPERM or Errno.EACCES => EnvironmentCheck.Failed(
                name, $"bpf(BPF_MAP_CREATE): {Errno.Name(-result)}.", "Run as root, or with CAP_BPF."),
            Errno.EINVAL => EnvironmentCheck.Failed(name, $"{what} is not there (EINVAL).", otherwise),
            Errno.ENOSYS => EnvironmentCheck.Failed(
                name, "bpf: ENOSYS: a kernel without CONFIG_BPF_SYSCALL, or a seccomp filter that hides the call.",
                "Allow bpf in the seccomp profile, or boot a kernel that has it."),
            int errno => EnvironmentCheck.Unknown(name, $"bpf(BPF_MAP_CREATE): {Errno.Name(errno)}."),
        };

    private static EnvironmentCheck Wanted(string name, string what, string consequence, int result) => -result switch
    {
        0 => EnvironmentCheck.Passed(name, $"{what} is there."),
        Errno.EINVAL => EnvironmentCheck.Warning(name, $"{what} is not there (EINVAL): {consequence}."),
        Errno.EPERM or Errno.EACCES => EnvironmentCheck.Unknown(
            name, $"bpf(BPF_MAP_CREATE): {Errno.Name(-result)}, before the kernel said whether it has {what}."),
        int errno => EnvironmentCheck.Unknown(name, $"bpf(BPF_MAP_CREATE): {Errno.Name(errno)}."),
    };
}
