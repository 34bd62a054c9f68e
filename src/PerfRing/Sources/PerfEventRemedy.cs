using System.Globalization;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>Explains why the kernel refused a perf event or its ring, with the figures that decided and the way out.</summary>
internal static class PerfEventRemedy
{
    private const string Paranoid = "/proc/sys/kernel/perf_event_paranoid";
    private const string LockedPerCpu = "/proc/sys/kernel/perf_event_mlock_kb";

    internal static string ForOpening(int errno, PerfEventSource source, int cpu, int? process) => errno switch
    {
        Errno.EACCES or Errno.EPERM => process is null
            ? $"{source} on CPU {cpu}: kernel.perf_event_paranoid is {ReadLine(Paranoid)}; watching a whole CPU needs "
                + "CAP_PERFMON (or root). A process of your own can be watched without: set ProcessId and UserSpaceOnly"
            : $"{source} of process {process}: kernel.perf_event_paranoid is {ReadLine(Paranoid)}; needs CAP_PERFMON (or root), "
                + "or a process of the same user, and UserSpaceOnly where perf_event_paranoid is 2",
        Errno.ENOENT or Errno.EOPNOTSUPP =>
            $"this machine has no {source}; virtual machines often have no hardware events",
        Errno.ENODEV => $"CPU {cpu} is offline, or has no {source}",
        Errno.EINVAL => $"{source} on CPU {cpu}: no such CPU, or a field, rate or clock that this event or kernel does not have",
        Errno.ESRCH => $"process {process} has ended",
        Errno.EMFILE or Errno.ENFILE => "too many open descriptors, and a reader needs one for each event and CPU: raise "
            + "RLIMIT_NOFILE (ulimit -n)",
        Errno.EBUSY => "another user has the counter for itself",
        Errno.ENOSPC => "too many breakpoints, or call chains deeper than kernel.perf_event_max_stack",
        Errno.ENOSYS => "the kernel was built without CONFIG_PERF_EVENTS, or a seccomp filter hides the call",
        _ => $"{source} on CPU {cpu}",
    };

    internal static string ForMapping(int errno, int bufferSize, int cpu) => errno switch
    {
        Errno.EPERM => string.Create(CultureInfo.InvariantCulture,
            $"a ring of {bufferSize / 1024} KiB for CPU {cpu} exceeds what this user may lock: kernel.perf_event_mlock_kb is ")
            + $"{ReadLine(LockedPerCpu)} a CPU and RLIMIT_MEMLOCK {LockedLimit()}; choose a smaller BufferSize, "
            + "raise either, or run with CAP_IPC_LOCK (or root)",
        Errno.ENOMEM => $"no memory for a ring of {bufferSize / 1024} KiB for CPU {cpu}: choose a smaller BufferSize",
        _ => $"a ring of {bufferSize} bytes for CPU {cpu}",
    };

    private static string LockedLimit()
    {
        const string name = "Max locked memory";
        string? line = Read("/proc/self/limits")?.Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        string[]? words = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [string soft, ..]
            ? long.TryParse(soft, CultureInfo.InvariantCulture, out long bytes) ? $"{bytes / 1024} KiB" : soft
            : "unknown";
    }

    private static string ReadLine(string path) => Read(path)?.Trim() ?? "unknown";

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An explanation without this figure is better than none.
            return null;
        }
    }
}
