using System.Globalization;

namespace PerfRing;

/// <summary>A soft limit of this process, from the table of /proc/self/limits.</summary>
internal static class ResourceLimit
{
    internal const string LockedMemory = "Max locked memory";
    internal const string OpenFiles = "Max open files";

    /// <summary>The number stands for no limit; no real limit reaches it.</summary>
    internal const long Unlimited = long.MaxValue;

    /// <param name="table">Lines of a name, a soft limit, a hard limit and a unit, in columns.</param>
    /// <param name="name">The name, as the kernel writes it.</param>
    /// <returns>The soft limit; null where the table has no such line.</returns>
    internal static long? Find(string? table, string name)
    {
        string? line = table?.Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["unlimited", ..] => Unlimited,
            [string soft, ..] when long.TryParse(soft, CultureInfo.InvariantCulture, out long limit) => limit,
            _ => null,
        };
    }
}
