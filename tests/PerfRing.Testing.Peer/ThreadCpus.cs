namespace PerfRing.Testing.Peer;

/// <summary>Where the threads of this process may run, as the kernel shows it, without the library's code.</summary>
internal static class ThreadCpus
{
    /// <summary>The process's CPUs, asked for before any thread is pinned: those of its first thread.</summary>
    internal static string OfProcess() => Field(File.ReadAllLines("/proc/self/status"), "Cpus_allowed_list:");

    /// <summary>Name and CPUs of every thread that there is now.</summary>
    internal static IReadOnlyList<(string Name, string Cpus)> Read()
    {
        List<(string Name, string Cpus)> threads = [];
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                string[] status = File.ReadAllLines(Path.Combine(thread, "status"));
                threads.Add((Field(status, "Name:"), Field(status, "Cpus_allowed_list:")));
            }
            catch (IOException)
            {
                // It has ended since it was listed.
            }
        }

        return threads;
    }

    private static string Field(string[] status, string name) =>
        status.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();
}
