using System.Globalization;

namespace PerfRing.Cli.Maps;

/// <summary>Who has a descriptor of which map, as far as this user may see.</summary>
internal sealed class MapOwners
{
    private const string MapLink = "anon_inode:bpf-map";
    private const string IdLine = "map_id:";

    private readonly Dictionary<uint, SortedSet<int>> _processes = [];

    /// <summary>The processes that hold a map, in the order of their ids.</summary>
    internal IReadOnlyCollection<int> Of(uint map) => _processes.TryGetValue(map, out SortedSet<int>? owners) ? owners : [];

    /// <summary>Looks at the descriptors of every process but this one.</summary>
    internal static MapOwners Find()
    {
        MapOwners owners = new();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                && process != Environment.ProcessId)
            {
                owners.Look(folder, process);
            }
        }

        return owners;
    }

    private void Look(string folder, int process)
    {
        try
        {
            foreach (string link in Directory.EnumerateFileSystemEntries(Path.Combine(folder, "fd")))
            {
                // The link is cheaper to read than what the kernel tells of the descriptor, and most are of other things.
                if (new FileInfo(link).LinkTarget == MapLink)
                    Add(Path.Combine(folder, "fdinfo", Path.GetFileName(link)), process);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended, or is not this user's: what can't be seen is not listed.
        }
    }

    private void Add(string descriptor, int process)
    {
        try
        {
            string? line = File.ReadLines(descriptor).FirstOrDefault(line => line.StartsWith(IdLine, StringComparison.Ordinal));
            if (!uint.TryParse(line.AsSpan(line is null ? 0 : IdLine.Length).Trim(), CultureInfo.InvariantCulture, out uint map))
                return;

            if (!_processes.TryGetValue(map, out SortedSet<int>? owners))
                _processes[map] = owners = [];

            owners.Add(process);
        }
        catch (IOException)
        {
            // Closed meanwhile; the others are still to be looked at.
        }
    }
}
