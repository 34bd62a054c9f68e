namespace PerfRing.Tests.Native;

/// <summary>A folder of its own for one test, gone with all it holds when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("perfring-");

    internal string this[string name] => Path.Combine(_folder.FullName, name);

    internal IEnumerable<string> Names => _folder.EnumerateFileSystemInfos().Select(entry => entry.Name);

    public void Dispose() => _folder.Delete(recursive: true);
}
