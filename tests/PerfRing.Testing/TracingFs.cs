namespace PerfRing.Testing;

/// <summary>The tracefs that tests read tracepoints from: the machine's, or else one mounted for this process.</summary>
internal static class TracingFs
{
    private const string Type = "tracefs";

    private static readonly Lazy<string> Root = new(FindOrMount);

    /// <summary>Where a tracefs is mounted. The first look may mount one, until the process exits.</summary>
    /// <exception cref="SystemCallException">There is none, and mount(2) was refused.</exception>
    internal static string Path => Root.Value;

    private static string FindOrMount()
    {
        if (Mounted() is { } path)
            return path;

        PrivateMount mount = new(Type);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => mount.Dispose();
        return mount.Path;
    }

    private static string? Mounted()
    {
        foreach (string line in File.ReadLines("/proc/self/mounts"))
        {
            // Source, mount point, type, options. A private mount of another test process goes away with that process.
            if (line.Split(' ') is [_, var point, Type, ..] && Unescape(point) is var path && !PrivateMount.Owns(path))
                return path;
        }

        return null;
    }

    /// <summary>The kernel writes the characters that would break its columns in octal.</summary>
    private static string Unescape(string point) =>
        point.Replace(@"\040", " ").Replace(@"\011", "\t").Replace(@"\012", "\n").Replace(@"\134", @"\");
}
