namespace PerfRing.KernelTests.Cli;

/// <summary>A copy of the tool that every user may read, wherever the tests were built.</summary>
internal sealed class WorldReadableTool : IDisposable
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Enterable =
        Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] Files =
    [
        "PerfRing.Cli.dll", "PerfRing.Cli.runtimeconfig.json", "PerfRing.Cli.deps.json", "PerfRing.dll", "System.CommandLine.dll",
        "CommunityToolkit.HighPerformance.dll", "libperfring_shim.so",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("perfring-tool-");

    internal WorldReadableTool()
    {
        try
        {
            CopyFiles();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    private void CopyFiles()
    {
        File.SetUnixFileMode(Folder, Enterable);
        foreach (string name in Files)
        {
            string copy = Path.Combine(Folder, name);
            File.Copy(Path.Combine(Tool.Folder, name), copy);
            File.SetUnixFileMode(copy, Readable);
        }
    }
}
