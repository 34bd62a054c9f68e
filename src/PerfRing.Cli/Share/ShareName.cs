using PerfRing.Cli.Interop;

namespace PerfRing.Cli.Share;

/// <summary>Where the ring of a name lies.</summary>
internal static class ShareName
{
    private const string Folder = "/dev/shm";

    /// <summary>A path where the name has a slash, else a file in memory that no other user has.</summary>
    /// <exception cref="FormatException">The text is no name.</exception>
    internal static string ToPath(string name)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            throw new FormatException("a ring's name is not empty");

        return name.Contains('/', StringComparison.Ordinal) ? name : $"{Folder}/perfring-{LibC.GetEffectiveUserId()}-{name}";
    }
}
