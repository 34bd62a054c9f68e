using System.Text;

namespace PerfRing;

/// <summary>The mounted tracefs: where the kernel lists its tracepoints and describes their records.</summary>
internal sealed class TracingFileSystem(string root)
{
    internal const string Mounts = "/proc/self/mounts";

    private const string Preferred = "/sys/kernel/tracing";
    private const string Debug = "/sys/kernel/debug";

    /// <summary>The directory it is mounted at.</summary>
    internal string Root { get; } = root;

    /// <summary>The file that lists every tracepoint.</summary>
    internal string Listing => Path.Combine(Root, "available_events");

    /// <summary>Finds the mount point in a mount table in the format of fstab(5).</summary>
    /// <exception cref="TracingUnavailableException">It is not mounted, or the table can't be read.</exception>
    internal static TracingFileSystem Find(string mounts = Mounts)
    {
        string table;
        try
        {
            table = File.ReadAllText(mounts);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracingUnavailableException($"{mounts} can't be read, so tracefs can't be found: is /proc mounted?", e);
        }

        return new TracingFileSystem(FindMountPoint(table) ?? throw new TracingUnavailableException(
            $"tracefs is not mounted: mount -t tracefs nodev {Preferred} (in a container, give it the host's {Preferred})"));
    }

    /// <summary>The best tracefs of a mount table: the usual place, then the place of old inside debugfs, then any.</summary>
    internal static string? FindMountPoint(string table)
    {
        string? best = null;
        foreach (string line in table.Split('\n'))
        {
            // Device, mount point, type, options and two numbers.
            string[] columns = line.Split(' ');
            if (columns.Length < 3)
                continue;

            string? candidate = columns[2] switch
            {
                "tracefs" => Unescape(columns[1]),
                // debugfs mounts tracefs inside itself at the first look, and only then does the table show it.
                "debugfs" when Unescape(columns[1]) == Debug => $"{Debug}/tracing",
                _ => null,
            };
            if (candidate is not null && Rank(candidate) < Rank(best))
                best = candidate;
        }

        return best;
    }

    /// <summary>The kernel's description of a tracepoint's records.</summary>
    /// <exception cref="TracepointNotFoundException">The kernel has no such tracepoint.</exception>
    /// <exception cref="TracingUnavailableException">The file may not be read.</exception>
    internal string ReadFormat(TracepointName tracepoint)
    {
        string path = Path.Combine(Root, "events", tracepoint.Subsystem, tracepoint.Name, "format");
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            IReadOnlyList<string> names = ListEvents();
            throw new TracepointNotFoundException(
                tracepoint.ToString(), NearestNames.Find(tracepoint.ToString(), names), Listing);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(path, e);
        }
    }

    /// <summary>The names of all tracepoints that perf can open, as <c>subsystem:name</c>, in the kernel's order.</summary>
    /// <exception cref="TracingUnavailableException">The list is missing or may not be read.</exception>
    internal IReadOnlyList<string> ListEvents()
    {
        try
        {
            return File.ReadAllText(Listing).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TracingUnavailableException($"{Listing} is missing: no tracefs is mounted at {Root}, or no more", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(Listing, e);
        }
    }

    private TracingUnavailableException Denied(string path, Exception cause) => new(
        $"{path}: permission denied: needs root, or read access to {Root} and what is below it "
        + "(mount options mode= and gid= of tracefs)", cause);

    private static int Rank(string? mountPoint) => mountPoint switch
    {
        Preferred => 0,
        $"{Debug}/tracing" => 1,
        null => 3,
        _ => 2,
    };

    /// <summary>Undoes what the mount table does to blanks and backslashes: \040 and other octal triples.</summary>
    private static string Unescape(string column)
    {
        if (!column.Contains('\\', StringComparison.Ordinal))
            return column;

        var text = new StringBuilder();
        for (int i = 0; i < column.Length; i++)
        {
            if (column[i] == '\\' && i + 3 < column.Length
                && column[i + 1] is >= '0' and <= '3' && column[i + 2] is >= '0' and <= '7' && column[i + 3] is >= '0' and <= '7')
            {
                text.Append((char)((column[i + 1] - '0') * 64 + (column[i + 2] - '0') * 8 + column[i + 3] - '0'));
                i += 3;
            }
            else
            {
                text.Append(column[i]);
            }
        }

        return text.ToString();
    }
}
