namespace PerfRing.Testing;

/// <summary>What this process holds of the kernel, for tests that look for leaks.</summary>
/// <remarks>The runtime opens files and maps memory when it pleases: compare <see cref="PerfEventDescriptors"/> and
/// <see cref="PerfEventMappings"/> exactly, the totals after a warm-up or with a tolerance.</remarks>
/// <param name="Descriptors">Open file descriptors.</param>
/// <param name="PerfEventDescriptors">Those of perf events.</param>
/// <param name="BpfDescriptors">Those of BPF maps, programs and links.</param>
/// <param name="Mappings">Lines of /proc/self/maps.</param>
/// <param name="PerfEventMappings">Those of perf rings.</param>
internal readonly record struct ProcessResources(
    int Descriptors, int PerfEventDescriptors, int BpfDescriptors, int Mappings, int PerfEventMappings)
{
    private const string PerfEventInode = "anon_inode:[perf_event]";
    private const string BpfInode = "anon_inode:bpf";

    /// <summary>The counts at this moment.</summary>
    internal static ProcessResources Now()
    {
        int descriptors = 0;
        int perfEvents = 0;
        int bpf = 0;
        foreach (FileInfo entry in new DirectoryInfo("/proc/self/fd").EnumerateFiles())
        {
            // A descriptor may be gone between the listing and the look, as the one that reads this folder will be.
            if (Target(entry) is not { } target || target.EndsWith("/fd", StringComparison.Ordinal))
                continue;

            descriptors++;
            perfEvents += target == PerfEventInode ? 1 : 0;
            bpf += target.StartsWith(BpfInode, StringComparison.Ordinal) ? 1 : 0;
        }

        int mappings = 0;
        int perfMappings = 0;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            mappings++;
            perfMappings += line.EndsWith(PerfEventInode, StringComparison.Ordinal) ? 1 : 0;
        }

        return new ProcessResources(descriptors, perfEvents, bpf, mappings, perfMappings);
    }

    private static string? Target(FileInfo entry)
    {
        try
        {
            return entry.LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
