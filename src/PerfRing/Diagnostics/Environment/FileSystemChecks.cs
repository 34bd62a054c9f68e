namespace PerfRing;

/// <summary>The kernel's file systems that readers look into.</summary>
internal static class FileSystemChecks
{
    internal const string TracingName = "tracefs";
    internal const string BpfName = "bpffs";

    private const string TracingRoot = "/sys/kernel/tracing";
    private const string BpfRoot = "/sys/fs/bpf";

    /// <summary>Mounted, and its list of tracepoints readable.</summary>
    internal static EnvironmentCheck Tracing(KernelFiles files)
    {
        TracingFileSystem tracing;
        try
        {
            tracing = TracingFileSystem.Find(files.PathOf(KernelFiles.Mounts));
        }
        catch (TracingUnavailableException) when (files.Read(KernelFiles.Mounts) is null)
        {
            return EnvironmentCheck.Unreadable(TracingName, KernelFiles.Mounts);
        }
        catch (TracingUnavailableException)
        {
            return EnvironmentCheck.Failed(
                TracingName, "Not mounted: there are no tracepoints without it.", $"mount -t tracefs nodev {TracingRoot}");
        }

        try
        {
            int events = tracing.ListEvents().Count;
            return EnvironmentCheck.Passed(TracingName, $"At {tracing.Root}, with {events} tracepoints.");
        }
        catch (TracingUnavailableException e) when (e.InnerException is UnauthorizedAccessException)
        {
            return EnvironmentCheck.Failed(
                TracingName, $"At {tracing.Root}, and this user may not read it.",
                $"Run as root, or as a member of GROUP after mount -o remount,mode=750,gid=GROUP {tracing.Root}");
        }
        catch (TracingUnavailableException)
        {
            return EnvironmentCheck.Failed(
                TracingName, $"{tracing.Listing} is missing, although a tracefs or debugfs should be there.",
                $"mount -t tracefs nodev {TracingRoot}");
        }
        catch (IOException e)
        {
            return EnvironmentCheck.Unknown(TracingName, $"{tracing.Listing}: {e.Message}");
        }
    }

    /// <summary>Mounted, and open to this user: only pinned maps need it.</summary>
    internal static EnvironmentCheck Bpf(KernelFiles files)
    {
        if (files.Read(KernelFiles.Mounts) is not { } table)
            return EnvironmentCheck.Unreadable(BpfName, KernelFiles.Mounts);

        string[] points = [.. from line in table.Split('\n')
                              let columns = line.Split(' ')
                              where columns is [_, _, "bpf", ..]
                              select columns[1]];
        if (points.Length == 0)
        {
            return EnvironmentCheck.Warning(
                BpfName, $"Not mounted: maps can't be pinned or opened by path until mount -t bpf bpf {BpfRoot}.");
        }

        string point = points.Contains(BpfRoot) ? BpfRoot : points[0];
        try
        {
            int pins = Directory.EnumerateFileSystemEntries(point).Count();
            return EnvironmentCheck.Passed(BpfName, $"At {point}, with {pins} entries.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return EnvironmentCheck.Warning(BpfName, $"At {point}, and this user may not list it: maps pinned there are out of reach.");
        }
    }
}
