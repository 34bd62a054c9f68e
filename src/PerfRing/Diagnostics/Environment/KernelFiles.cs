using System.Globalization;

namespace PerfRing;

/// <summary>What the kernel says of itself in /proc and /sys, below a root that tests put elsewhere.</summary>
internal sealed class KernelFiles(string root)
{
    internal const string SystemRoot = "/";

    internal const string Status = "proc/self/status";
    internal const string UserIds = "proc/self/uid_map";
    internal const string Limits = "proc/self/limits";
    internal const string OpenDescriptors = "proc/self/fd";
    internal const string Mounts = "proc/self/mounts";
    internal const string Paranoid = "proc/sys/kernel/perf_event_paranoid";
    internal const string LockedPerCpu = "proc/sys/kernel/perf_event_mlock_kb";
    internal const string Cpus = "sys/devices/system/cpu";
    internal const string ClockSource = "sys/devices/system/clocksource/clocksource0/current_clocksource";
    internal const string ClockSources = "sys/devices/system/clocksource/clocksource0/available_clocksource";

    internal string PathOf(string file) => Path.Combine(root, file);

    /// <summary>The text without white space around it; null where there is no such file, or it may not be read.</summary>
    internal string? Read(string file)
    {
        try
        {
            return File.ReadAllText(PathOf(file)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What can't be read is reported as unknown by the check that wanted it.
            return null;
        }
    }

    internal long? ReadNumber(string file) =>
        long.TryParse(Read(file), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>How many entries a directory has; null where it may not be listed.</summary>
    internal int? CountEntries(string directory)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(PathOf(directory)).Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
