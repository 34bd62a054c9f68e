namespace PerfRing.KernelTests.Cli;

/// <summary>A ring's name that nothing else has. What is left of the ring goes with it.</summary>
internal sealed class ShareName : IDisposable
{
    internal string Path { get; } = $"/dev/shm/perfring-test-{Guid.NewGuid():n}";

    internal bool IsThere => File.Exists(Path);

    internal Tool StartWriter(params string[] options) => Tool.StartFed(["share", "write", Path, .. options]);

    internal Tool StartReader(params string[] options) => Tool.Start(["share", "read", Path, .. options]);

    /// <summary>Runs a writer to its end.</summary>
    internal Task<ToolRun> Write(string bytes, params string[] options) =>
        Tool.RunFed(bytes, ["share", "write", Path, .. options]);

    /// <summary>Runs a reader to its end.</summary>
    internal async Task<ToolRun> Read(params string[] options)
    {
        using Tool reader = StartReader(options);
        return await reader.EndBinary();
    }

    public void Dispose()
    {
        foreach (string file in Directory.EnumerateFiles("/dev/shm", System.IO.Path.GetFileName(Path) + "*"))
            File.Delete(file);
    }
}
