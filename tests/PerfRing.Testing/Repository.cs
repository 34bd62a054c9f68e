namespace PerfRing.Testing;

/// <summary>The repository that the tests were built from, and in which they lie.</summary>
internal static class Repository
{
    /// <summary>The folder of PerfRing.sln.</summary>
    internal static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PerfRing.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has PerfRing.sln.");
    }
}
